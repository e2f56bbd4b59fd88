"""The proxies' settings as the documentation shows them: nobody writes his own address, and no query is logged."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.running_service import Live, free_port, serving

pytestmark = pytest.mark.slow

PAGE = Path(__file__).parents[2] / "docs" / "proxies.md"
CLIENT = "127.0.7.9"  # where the client sits; the proxy's own connections come from 127.0.0.1
FORGED = "203.0.113.7"
QUERY = "article=a&secret=4711"
FORGERIES = {
    "nothing": [],
    "the header": [f"X-Forwarded-For: {FORGED}"],
    "the header in small letters": [f"x-forwarded-for: {FORGED}"],
    "the header twice": [f"X-Forwarded-For: {FORGED}", f"X-Forwarded-For: {FORGED}"],
    "a list": [f"X-Forwarded-For: {FORGED}, {FORGED}"],
    "an empty one first": ["X-Forwarded-For:", f"X-Forwarded-For: {FORGED}"],
    "underscores": [f"X_Forwarded_For: {FORGED}"],
    "small letters and underscores": [f"x_forwarded_for: {FORGED}"],
    "the first underscore": [f"X_Forwarded-For: {FORGED}"],
    "the second underscore": [f"X-Forwarded_For: {FORGED}"],
    "both, one way": [f"X-Forwarded-For: {FORGED}", f"X_Forwarded_For: {FORGED}"],
    "both, the other way": [f"X_Forwarded_For: {FORGED}", f"X-Forwarded-For: {FORGED}"],
    "underscores twice": [f"X_Forwarded_For: {FORGED}", f"X_FORWARDED_FOR: {FORGED}"],
    "RFC 7239": [f"Forwarded: for={FORGED}"],
    "other names for it": [f"X-Real-IP: {FORGED}", f"Client-IP: {FORGED}", f"X-Client-IP: {FORGED}"],
    "a header that is dropped on the way": [
        "Connection: close, X-Forwarded-For",
        f"X-Forwarded-For: {FORGED}",
    ],
}


@dataclass(frozen=True)
class Kind:
    """A proxy: its program, what our settings stand in, and what makes them fit for a test."""

    command: Callable[[Path], list[str]]
    around: str = "{settings}"
    changes: tuple[tuple[str, str], ...] = ()


MODULES = "/usr/lib/apache2/modules/mod_{0}.so"
APACHE = ["mpm_event", "authz_core", "proxy", "proxy_http", "headers"]
KINDS = {
    "nginx": Kind(
        lambda file: ["nginx", "-p", str(file.parent), "-c", str(file), "-g", "daemon off;"],
        "pid {folder}/nginx.pid; error_log {folder}/nginx.log crit; events {{}} http {{\n"
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
    "caddyfile": Kind(
        lambda file: ["caddy", "run", "--adapter", "caddyfile", "--config", str(file)],
        changes=(
            (r"\A\{", "{{\n  admin off"),
            (r"^comments\.example \{", "http://comments.example:{port} {{\n  bind 127.0.0.1"),
            (r"/var/log/caddy", "{folder}"),
        ),
    ),
    "apache": Kind(
        lambda file: ["apache2", "-f", str(file), "-DFOREGROUND"],
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
        lambda file: ["haproxy", "-f", str(file), "-db"],
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


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with serving(tmp_path_factory.mktemp("proxied") / "data", TRUSTED_PROXIES="1") as running:
        yield running


@pytest.fixture(scope="module", params=KINDS)
def proxy(
    request: pytest.FixtureRequest, live: Live, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Proxy]:
    kind: str = request.param
    folder = tmp_path_factory.mktemp(kind)
    with running(kind, folder, int(live.base_url.rpartition(":")[2])) as proxy:
        yield proxy


@contextmanager
def running(kind: str, folder: Path, service_port: int) -> Iterator[Proxy]:
    found = re.search(rf"^```{kind}\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert found
    port, settings = free_port(), found[1]
    for pattern, replacement in KINDS[kind].changes:
        settings, changed = re.subn(
            pattern, replacement.format(port=port, folder=folder), settings, flags=re.MULTILINE
        )
        assert changed
    settings = settings.replace("127.0.0.1:5000", f"127.0.0.1:{service_port}")
    file = folder / "settings"
    file.write_text(KINDS[kind].around.format(settings=settings, folder=folder, port=port))
    command = KINDS[kind].command(file)
    program = shutil.which(command[0], path=os.environ["PATH"] + ":/usr/sbin")
    assert program, f"{command[0]} is missing: make test installs it"
    with (folder / "output.log").open("wb") as output:
        process = subprocess.Popen(
            [program, *command[1:]], stdout=output, stderr=output, env=os.environ | {"HOME": str(folder)}
        )
    proxy = Proxy(folder, port)
    try:
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
    finally:
        process.terminate()
        process.wait(20)


def clients_of(live: Live, path: str) -> list[str]:
    """Who asked for that path, as the service saw it."""
    lines = [json.loads(line) for line in live.log.read_text().splitlines() if line.startswith("{")]
    return [line["client"] for line in lines if line.get("route") == path]


@pytest.mark.parametrize("headers", FORGERIES.values(), ids=FORGERIES)
def test_nobody_writes_his_own_address(live: Live, proxy: Proxy, headers: list[str]) -> None:
    before = len(clients_of(live, "/api/v1/form"))

    assert b" 200 " in proxy.ask(f"/api/v1/form?{QUERY}", *headers)[:20]

    until = time.monotonic() + 5
    while len(seen := clients_of(live, "/api/v1/form")) == before:
        assert time.monotonic() < until
        time.sleep(0.02)
    assert seen[before:] == ["127.0.7.0/24"]


def test_no_query_is_logged(proxy: Proxy) -> None:
    for path in ("/api/v1/form", "/nowhere", "/moderation/comments"):
        proxy.ask(f"{path}?{QUERY}", f"Referer: https://comments.example/thread/edit?{QUERY}")

    time.sleep(1)
    assert "/api/v1/form" in proxy.logged()
    assert "4711" not in proxy.logged()


@pytest.mark.parametrize("kind", KINDS)
def test_no_query_is_logged_where_the_service_is_gone(kind: str, tmp_path: Path) -> None:
    with (
        serving(tmp_path / "data", TRUSTED_PROXIES="1") as live,
        running(kind, tmp_path, int(live.base_url.rpartition(":")[2])) as proxy,
    ):
        live.stop()
        answer = proxy.ask(f"/nobody?{QUERY}", f"Referer: https://comments.example/thread/edit?{QUERY}")
        time.sleep(1)

        assert answer.split()[1] in {b"502", b"503"}
        assert "4711" not in proxy.logged()
