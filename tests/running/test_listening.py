"""Where the service listens: host names, Unix sockets and sockets of systemd's; and what systemd is told."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from commentsvc.settings import PREFIX
from tests.command_line import refusal, typed
from tests.people import Reader
from tests.running_service import EASY, free_port

pytestmark = pytest.mark.slow

PROXY = "https://comments.example"
# As systemd does: the socket is file 3, and the process knows that it is meant.
ACTIVATE = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.executable, [sys.executable, "-m", "commentsvc", "serve", *sys.argv[2:]])
"""


def environ(data_dir: Path, **settings: str) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    chosen = EASY | {"DATA_DIR": str(data_dir)} | settings
    return clean | {PREFIX + name: value for name, value in chosen.items()}


@contextmanager
def started(
    data_dir: Path, *words: str, handed: socket.socket | None = None, notified: str = "", **settings: str
) -> Iterator[subprocess.Popen[str]]:
    """Run `commentsvc serve`; all its processes have ended afterwards."""
    program = ["-m", "commentsvc", "serve"] if handed is None else ["-c", ACTIVATE, str(handed.fileno())]
    process = subprocess.Popen(
        [sys.executable, *program, *words],
        env=environ(data_dir, **settings) | {"NOTIFY_SOCKET": notified},
        stderr=subprocess.PIPE, text=True, start_new_session=True,
        pass_fds=() if handed is None else [handed.fileno()],
    )  # fmt: skip
    try:
        assert process.stderr is not None
        first = process.stderr.readline()
        assert "Ctrl-C stops it" in first, first
        yield process
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
        assert process.returncode == 0
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()


def at(path: Path) -> httpx.Client:
    return httpx.Client(
        transport=httpx.HTTPTransport(uds=str(path)), base_url="http://comments.example", timeout=30
    )


@pytest.mark.soak
def test_a_unix_socket_has_its_mode_and_takes_the_client_from_the_proxy(tmp_path: Path) -> None:
    path = tmp_path / "comments.sock"
    words = ["--socket", str(path), "--socket-mode", "0600", "--workers", "2"]
    limited = {"BASE_URL": PROXY, "RATE_LIMIT_READ": "1 per hour"}
    with started(tmp_path / "data", *words, **limited), at(path) as proxy:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

        asked = [
            proxy.get("/api/v1/form?article=a", headers={"X-Forwarded-For": client}).status_code
            for client in ("198.51.100.1", "192.0.2.1", "192.0.2.1, 198.51.100.2", "192.0.2.1")
        ]
        unnamed = proxy.get("/thread?article=a")

    assert asked == [200, 200, 200, 429]
    assert unnamed.status_code == 200
    assert not path.exists()


@pytest.mark.soak
def test_a_stream_of_events_goes_through_a_unix_socket(tmp_path: Path) -> None:
    path = tmp_path / "comments.sock"
    with (
        started(tmp_path / "data", "--socket", str(path), BASE_URL=PROXY),
        at(path) as idle,
        at(path) as proxy,
    ):
        assert idle.get("/readyz").text == "ok"
        with (
            proxy.stream("GET", "/api/v1/thread/events?article=a") as one,
            proxy.stream("GET", "/api/v1/thread/events?article=b") as another,
        ):
            for article in "ab":
                Reader(idle).posted(article)
            told = [next(line for line in s.iter_lines() if line.startswith("data:")) for s in (one, another)]

    assert ['"article":"a"' in told[0], '"article":"b"' in told[1]] == [True, True]


@pytest.mark.soak
def test_a_socket_that_a_killed_service_left_is_replaced_and_one_in_use_is_not(tmp_path: Path) -> None:
    path = tmp_path / "comments.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as abandoned:
        abandoned.bind(str(path))
    with started(tmp_path / "data", "--socket", str(path), BASE_URL=PROXY), at(path) as proxy:
        assert proxy.get("/readyz").text == "ok"

        said = refusal(typed("serve", "--socket", str(path), data_dir=tmp_path / "other", BASE_URL=PROXY))
        assert said == f"Cannot listen on {path}: Address already in use. Choose another with --socket."
        assert proxy.get("/readyz").text == "ok"


@pytest.mark.parametrize(
    ("words", "refused"),
    [
        (["--socket", "letter.txt"], "letter.txt: File exists."),
        (["--socket", "no/folder/sock"], "no/folder/sock: No such file or directory."),
        (["--socket", "x" * 200], "AF_UNIX path too long"),
        (["--socket", "s", "--socket-mode", "rw"], "“rw” is no mode in octal digits, such as 0660."),
    ],
)
def test_what_can_be_no_socket_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], refused: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "letter.txt").write_text("Dear Ada")

    assert refused in refusal(typed("serve", *words, data_dir=tmp_path / "data", BASE_URL=PROXY))

    assert (tmp_path / "letter.txt").read_text() == "Dear Ada"


def test_before_a_socket_somebody_must_say_how_the_proxy_is_reached(tmp_path: Path) -> None:
    said = refusal(typed("serve", "--socket", str(tmp_path / "s"), data_dir=tmp_path / "data"))

    assert said.startswith("COMMENTSVC_BASE_URL must say under which address readers reach the proxy")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.soak
def test_a_host_may_be_a_name(tmp_path: Path) -> None:
    port = free_port()
    retrying = httpx.Client(transport=httpx.HTTPTransport(retries=10), timeout=30)
    with started(tmp_path / "data", "--host", "localhost", "--port", str(port)), retrying as client:
        assert client.get(f"http://127.0.0.1:{port}/readyz").text == "ok"


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_UNIX], ids=["address", "path"])
@pytest.mark.soak
def test_a_socket_of_systemd_is_served_and_outlives_the_service(
    tmp_path: Path, family: socket.AddressFamily
) -> None:
    path = tmp_path / "systemd.sock"
    with socket.socket(family, socket.SOCK_STREAM) as opened:
        opened.bind(("127.0.0.1", 0) if family == socket.AF_INET else str(path))
        opened.listen()
        by_path = family == socket.AF_UNIX
        url = PROXY if by_path else f"http://127.0.0.1:{opened.getsockname()[1]}"
        for _ in range(2):
            with (
                started(tmp_path / "data", "--workers", "2", handed=opened, BASE_URL=url),
                at(path) if by_path else httpx.Client(base_url=url, timeout=30) as client,
            ):
                assert client.get("/readyz").text == "ok"
        assert path.exists() == by_path


@pytest.mark.soak
def test_systemd_is_told_of_the_beginning_of_life_and_of_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "200000")
    port = free_port()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(60)
        told = []
        with started(tmp_path / "data", "--port", str(port), notified=str(tmp_path / "notify")):
            told.append(systemd.recv(100))
            assert httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200  # at the first try
            told += [systemd.recv(100), systemd.recv(100)]
        while told[-1] == b"WATCHDOG=1":
            told.append(systemd.recv(100))

    assert told[0] == b"READY=1"
    assert told[1:3] == [b"WATCHDOG=1"] * 2
    assert told[-1] == b"STOPPING=1"
