"""The proxies of deploy/, each running with its file before a service."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.running_service import free_port

DEPLOY = Path(__file__).parents[1] / "deploy"
CLIENT = "127.0.7.9"  # where the client sits; the proxy's own connections come from 127.0.0.1


@dataclass(frozen=True)
class Kind:
    """A proxy: its file in deploy/, its program, what our settings stand in, and what makes them fit for a test.

    :param proof: what is added to the command to have the file checked alone.
    """

    file: Path
    command: Callable[[Path], list[str]]
    proof: Sequence[str]
    around: str = "{settings}"
    changes: tuple[tuple[str, str], ...] = ()


MODULES = "/usr/lib/apache2/modules/mod_{0}.so"
APACHE = ["mpm_event", "authz_core", "proxy", "proxy_http", "headers"]
KINDS = {
    "nginx": Kind(
        DEPLOY / "nginx/comments.conf",
        lambda file: ["nginx", "-p", str(file.parent), "-c", str(file), "-g", "daemon off;"],
        ["-t"],
        ("user root;" if os.getuid() == 0 else "")  # its processes write into the test's folder
        + "pid {folder}/nginx.pid; error_log {folder}/nginx.log crit; events {{}} http {{\n"
        + "".join(
            f"{kind}_temp_path {{folder}}/{kind};"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        + "\n{settings}\n}}",
        (
            (r"listen 443 ssl", "listen 127.0.0.1:{port}"),
            (r"ssl_certificate.*;", ""),
            (r"/var/log/nginx", "{folder}"),
        ),
    ),
    "caddy": Kind(
        DEPLOY / "caddy/Caddyfile",
        lambda file: ["caddy", "run", "--adapter", "caddyfile", "--config", str(file)],
        [],
        changes=(
            (r"\A\{", "{{\n  admin off"),
            (r"^comments\.example \{", "http://comments.example:{port} {{\n  bind 127.0.0.1"),
            (r"/var/log/caddy", "{folder}"),
        ),
    ),
    "apache": Kind(
        DEPLOY / "apache/comments.conf",
        lambda file: ["apache2", "-f", str(file), "-DFOREGROUND"],
        ["-t"],
        "ServerName x.example\nServerRoot {folder}\nPidFile {folder}/pid\nListen 127.0.0.1:{port}\n"
        + "".join(f"LoadModule {name}_module {MODULES.format(name)}\n" for name in APACHE)
        + ("User www-data\nGroup www-data\n" if os.getuid() == 0 else "")
        + "ErrorLog {folder}/apache.log\n{settings}",
        (
            (r"\*:443", "127.0.0.1:{port}"),
            (r"SSL\w+ .*", ""),
            (r"/var/log/apache2", "{folder}"),
        ),
    ),
    "haproxy": Kind(
        DEPLOY / "haproxy/haproxy.cfg",
        lambda file: ["haproxy", "-f", str(file), "-db"],
        ["-c"],
        changes=(
            (r"bind :443 ssl crt \S+", "bind 127.0.0.1:{port}"),
            (r"log /dev/log local0", "log stdout format raw local0"),
        ),
    ),
}


@dataclass
class Proxy:
    """One that runs; all that it says stands in files of `folder`."""

    folder: Path
    port: int

    def ask(self, path: str, *headers: str) -> bytes:
        """Give what it answers to a client at `CLIENT`."""
        lines = [f"GET {path} HTTP/1.1", "Host: comments.example", *headers]
        if not any(line.startswith("Connection") for line in headers):
            lines.append("Connection: close")
        with socket.create_connection(("127.0.0.1", self.port), 10, (CLIENT, 0)) as client:
            client.sendall("\r\n".join([*lines, "", ""]).encode())
            answer = b""
            while part := client.recv(65_536):
                answer += part
        return answer

    def logged(self) -> str:
        return "".join(file.read_text(errors="replace") for file in self.folder.glob("*log*"))


@contextmanager
def running(kind: str, folder: Path, service_port: int) -> Iterator[Proxy]:
    """Run that proxy before the service at *service_port*, until the block ends."""
    port = free_port()
    proxy = Proxy(folder, port)
    with started(KINDS[kind].command(fitted(kind, folder, port, service_port)), folder) as process:
        until = time.monotonic() + 30
        while True:
            assert process.poll() is None, proxy.logged()
            try:
                if b" 200 " in proxy.ask("/healthz")[:20]:
                    break
            except OSError:
                assert time.monotonic() < until, proxy.logged()
            time.sleep(0.05)
        yield proxy


@contextmanager
def started(command: list[str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the block ends; what it says goes into *folder*."""
    program = program_of(command[0])
    with (folder / "output.log").open("wb") as output:
        process = subprocess.Popen(
            [program, *command[1:]], stdout=output, stderr=output, env=os.environ | {"HOME": str(folder)}
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)


def fitted(kind: str, folder: Path, port: int, service_port: int) -> Path:
    """The settings of deploy/ with ports and folders of the test's own, as a file in *folder*."""
    settings = KINDS[kind].file.read_text()
    for pattern, replacement in KINDS[kind].changes:
        settings, changed = re.subn(
            pattern, replacement.format(port=port, folder=folder), settings, flags=re.MULTILINE
        )
        assert changed
    settings = settings.replace("127.0.0.1:5000", f"127.0.0.1:{service_port}")
    file = folder / "settings"
    file.write_text(KINDS[kind].around.format(settings=settings, folder=folder, port=port))
    return file


def program_of(name: str) -> str:
    """Where that program lies; Debian's servers are not in everybody's path."""
    program = shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin")
    assert program, f"{name} is missing: make test installs it"
    return program
