"""`commentsvc serve`: starting, sharing the work, and stopping without losing anything."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from commentsvc.settings import PREFIX
from tests.people import Reader
from tests.running_service import NO_TLS, Live, free_port, open_in_process, serving

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A service of three workers that began with an empty directory."""
    with serving(tmp_path_factory.mktemp("live") / "data", "--workers", "3") as running:
        yield running


def test_an_empty_directory_is_all_it_needs(live: Live) -> None:
    assert live.reader().post("first").status_code == 201

    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in live.data_dir.iterdir()}
    assert {modes[name] for name in ("comments.db", "limits.db", "secret.key", "address.keys")} == {0o600}


def test_no_connection_is_carried_into_the_workers(live: Live) -> None:
    files = Path(f"/proc/{live.process.pid}/fd")

    assert not [file for file in files.iterdir() if "comments.db" in str(file.readlink())]


def test_several_workers_are_one_service(live: Live) -> None:
    posted = [live.reader().posted("a", f"Number {n}.") for n in range(12)]

    for n, answer in enumerate(posted):
        edited = live.reader().edit(answer["comment"]["id"], answer["edit_key"], f"Edited {n}.")
        assert edited.status_code == 200

    for _ in range(12):
        assert live.reader().texts("a") == [f"Edited {n}." for n in range(12)]


def half_sent(live: Live, submission: dict[str, str]) -> tuple[socket.socket, bytes]:
    """A post of which one half is on its way; give the other half too."""
    body = json.dumps(submission).encode()
    head = (
        f"POST /api/v1/comments HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    port = int(live.base_url.rpartition(":")[2])
    connection = socket.create_connection(("127.0.0.1", port), timeout=20)
    connection.sendall(head.encode() + body[: len(body) // 2])
    time.sleep(0.3)
    return connection, body[len(body) // 2 :]


def test_told_to_stop_it_finishes_what_is_under_way_and_leaves_no_process(tmp_path: Path) -> None:
    with serving(tmp_path / "data", "--workers", "2") as live:
        connection, rest = half_sent(live, live.reader().submission("a", "Under way."))

        live.process.send_signal(signal.SIGTERM)
        time.sleep(0.7)
        connection.sendall(rest)
        with connection, connection.makefile("rb") as answer:
            assert answer.readline().split()[1] == b"201"
        assert live.process.wait(15) == 0

    with pytest.raises(ProcessLookupError):
        os.killpg(live.process.pid, 0)
    again = open_in_process(tmp_path / "data")
    assert again.reader().texts("a") == ["Under way."]
    again.close()


@pytest.mark.soak  # it waits for ten seconds
def test_a_client_that_is_stuck_does_not_keep_it(tmp_path: Path) -> None:
    end_with_one_that_is_stuck(tmp_path / "data", within=60)


@pytest.mark.soak
def test_a_client_that_is_stuck_does_not_keep_it_for_long(tmp_path: Path) -> None:
    assert end_with_one_that_is_stuck(tmp_path / "data", within=18) < 10


def end_with_one_that_is_stuck(data_dir: Path, within: float) -> float:
    """Tell a service to stop to which one half of a post is on its way; give the seconds that it took."""
    with serving(data_dir) as live:
        connection, _ = half_sent(live, live.reader().submission("a", "Stuck."))

        began = time.monotonic()
        live.process.send_signal(signal.SIGTERM)
        live.process.wait(within)
        connection.close()
        return time.monotonic() - began


def refused(tmp_path: Path, *words: str, **settings: str) -> str:
    """Start the service as it cannot be started; give the one line that says why."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    environ |= {PREFIX + name: value for name, value in settings.items()}
    environ[PREFIX + "DATA_DIR"] = str(tmp_path / "data")
    done = subprocess.run(
        [sys.executable, "-m", "commentsvc", *words],
        env=environ, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0]


@pytest.mark.soak
def test_a_port_in_use_is_said_in_one_line(tmp_path: Path, live: Live) -> None:
    port = live.base_url.rpartition(":")[2]

    said = refused(tmp_path, "serve", "--port", port)

    assert said == (
        f"Error: Cannot listen on 127.0.0.1:{port}: Address already in use. Choose another with --port."
    )
    assert live.reader().get("/healthz").status_code == 200


def test_a_wrong_setting_is_said_in_one_line(tmp_path: Path) -> None:
    said = refused(tmp_path, "serve", MODERATION="some")

    assert said == "Error: Invalid COMMENTSVC_MODERATION=“some”: expected one of none, first, all."


@pytest.mark.soak
def test_any_wsgi_server_can_run_it(tmp_path: Path) -> None:
    program = (
        "from wsgiref.simple_server import make_server; import wsgi, sys;"
        "make_server('127.0.0.1', int(sys.argv[1]), wsgi.app).serve_forever()"
    )
    port = free_port()
    environ = os.environ | {PREFIX + "DATA_DIR": str(tmp_path / "data")}
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", program, str(port)], cwd=root, env=environ, stderr=subprocess.DEVNULL
    ) as server:
        try:
            client = httpx.Client(
                base_url=f"http://127.0.0.1:{port}",
                transport=httpx.HTTPTransport(verify=NO_TLS, retries=8),
                timeout=30,
            )
            reader = Reader(client)
            assert reader.get("/readyz").text == "ok"
            assert reader.get("/thread", article="a").status_code == 200
        finally:
            server.terminate()
