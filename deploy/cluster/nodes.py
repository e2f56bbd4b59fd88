"""Three nodes on one database, and nginx in front with the configuration of `docs/scale.md`."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from commentsvc.demo.seed import PASSWORD_FILE
from commentsvc.settings import PREFIX
from deploy.cluster.databases import counters, primary, replica
from deploy.cluster.processes import Process, clean_environ, free_port, program, running, start, stop, wait

NODES = 3
PAGE = Path(__file__).parents[2] / "docs" / "scale.md"
UPSTREAM = re.compile(r"(  server 10\.0\.0\.\d+:5000 max_fails=0;.*\n)+")
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


@dataclass
class Node:
    """One that serves; what it says stands in `folder`."""

    port: int
    folder: Path
    command: str
    environ: dict[str, str]
    process: Process | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def start(self) -> None:
        """Start it, and wait until it is ready."""
        self.folder.mkdir(exist_ok=True)
        words = [sys.executable, "-m", "commentsvc", self.command, "--port", str(self.port)]
        self.process = start(words, self.folder / "log", env=self.environ)
        wait(self.process, self.folder / "log", lambda: is_ready(self.url))

    def stop(self) -> None:
        """Tell it to stop: it answers what is under way."""
        if self.process is not None:
            stop(self.process)

    def run(self, *words: str) -> str:
        """Run a command of the operator's there; give what it printed."""
        command = [sys.executable, "-m", "commentsvc", *words]
        done = subprocess.run(command, env=self.environ, text=True, capture_output=True, check=True)
        return done.stdout

    def restart(self) -> None:
        self.stop()
        self.start()


@dataclass
class Cluster:
    """What runs: `url` is nginx, in front of all nodes."""

    url: str
    nodes: list[Node]
    folder: Path


def is_ready(url: str) -> bool:
    """Whether a node, or who stands in front of it, is ready."""
    try:
        return httpx.get(f"{url}/readyz", timeout=10).status_code == 200
    except httpx.TransportError:
        return False


@contextmanager
def cluster(command: str = "serve", *, with_redis: bool = True, **settings: str) -> Iterator[Cluster]:
    """Run a new PostgreSQL with its replica, Redis unless told, three nodes, and nginx; all is gone when the block ends."""
    with ExitStack() as stack:
        # The path of a socket has at most 107 bytes, and PostgreSQL's owner must be able to go there.
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="commentsvc-")))
        folder.chmod(0o755)
        port = free_port()
        shared = {
            "DATABASE_URL": stack.enter_context(primary(folder / "primary")),
            "DATABASE_REPLICA_URL": stack.enter_context(replica(folder / "replica", folder / "primary")),
            "SECRET_KEY": secrets.token_urlsafe(),
            "ADDRESS_KEYS": f"k1:{secrets.token_urlsafe(32)}",
            "BASE_URL": f"http://127.0.0.1:{port}",
            "TRUSTED_PROXIES": "1",
        }
        if with_redis:
            shared["REDIS_URL"] = stack.enter_context(counters(folder / "redis"))
        nodes = [_node(folder / f"node-{number}", command, shared | settings) for number in range(NODES)]
        for node in nodes:
            stack.callback(node.stop)
            _share_password(nodes[0], node)
            node.start()
        stack.enter_context(_in_front(folder / "nginx", port, nodes))
        yield Cluster(shared["BASE_URL"], nodes, folder)


def _node(folder: Path, command: str, settings: dict[str, str]) -> Node:
    environ = clean_environ(settings | {"DATA_DIR": str(folder / "data")}, PREFIX)
    return Node(free_port(), folder, command, environ)


def _share_password(first: Node, node: Node) -> None:
    """Hand on by what a demo knows that its discussion is there already."""
    seeded = first.data / PASSWORD_FILE
    if node is not first and seeded.exists():
        node.data.mkdir(parents=True)
        shutil.copy(seeded, node.data)


@contextmanager
def _in_front(folder: Path, port: int, nodes: list[Node]) -> Iterator[None]:
    folder.mkdir()
    file = folder / "nginx.conf"
    file.write_text(_configuration(folder, port, nodes))
    command: list[str | Path] = [
        program("nginx"),
        "-p",
        folder,
        "-c",
        file,
        "-e",
        folder / "log",
        "-g",
        "daemon off;",
    ]
    with running(command, folder / "log", lambda: is_ready(f"http://127.0.0.1:{port}")):
        yield


def _configuration(folder: Path, port: int, nodes: list[Node]) -> str:
    """What the documentation shows, on loopback and without TLS."""
    found = re.search(r"^```nginx\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    if found is None:
        raise RuntimeError(f"{PAGE} shows no configuration")
    servers = "".join(f"  server 127.0.0.1:{node.port} max_fails=0;\n" for node in nodes)
    shown = UPSTREAM.sub(servers, found[1])
    shown = shown.replace("listen 443 ssl", f"listen 127.0.0.1:{port}").replace("/var/log/nginx", str(folder))
    shown = re.sub(r"ssl_certificate.*;", "", shown).replace("/var/cache/nginx", str(folder))
    temporary = "".join(f"{kind}_temp_path {folder}/{kind}; " for kind in TEMPORARY)
    user = "user root; " if os.geteuid() == 0 else ""
    return f"{user}pid {folder}/pid; events {{}} http {{\n{temporary}\n{shown}\n}}\n"
