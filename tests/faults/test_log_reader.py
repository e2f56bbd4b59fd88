"""Nobody reads the log: a pipe that is full stops neither a request nor the end of the service."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from commentsvc.settings import PREFIX
from tests.running.test_odd_machines import wait_for
from tests.running_service import EASY, free_port

LEAST_PIPE = 4096  # bytes


@pytest.mark.slow
@pytest.mark.soak
def test_a_blocked_reader_of_the_log_stops_nobody(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{(port := free_port())}"
    settings = EASY | {"DATA_DIR": str(tmp_path / "data"), "CACHE_BYTES": "0"}
    read, write = os.pipe()
    fcntl.fcntl(write, fcntl.F_SETPIPE_SZ, LEAST_PIPE)
    service = subprocess.Popen(
        [sys.executable, "-m", "commentsvc", "serve", "--port", str(port), "--workers", "2"],
        env=os.environ | {PREFIX + name: value for name, value in settings.items()},
        stderr=write, start_new_session=True,
    )  # fmt: skip
    os.close(write)
    try:
        wait_for(f"{url}/readyz")
        with httpx.Client(base_url=url, timeout=30) as reader:
            statuses = {reader.get(f"/thread?article=a-{number}").status_code for number in range(100)}
        assert statuses == {200}

        service.terminate()
        assert service.wait(60) == 0
        assert len(os.read(read, 2 * LEAST_PIPE)) > LEAST_PIPE // 2  # it was full indeed
    finally:
        os.close(read)
        if service.poll() is None:
            os.killpg(service.pid, signal.SIGKILL)
            service.wait()


@pytest.mark.soak
@pytest.mark.slow
def test_what_was_logged_last_is_written_before_the_end(tmp_path: Path) -> None:
    with (tmp_path / "log").open("wb") as log:
        url = f"http://127.0.0.1:{(port := free_port())}"
        service = subprocess.Popen(
            [sys.executable, "-m", "commentsvc", "serve", "--port", str(port)],
            env=os.environ | {PREFIX + "DATA_DIR": str(tmp_path / "data")}, stderr=log, start_new_session=True,
        )  # fmt: skip
        try:
            wait_for(f"{url}/readyz")
            for number in range(20):
                assert httpx.get(f"{url}/thread?article=a-{number}").status_code == 200
        finally:
            service.terminate()
            service.wait(60)

    assert (tmp_path / "log").read_text().count('"route": "/thread"') == 20
