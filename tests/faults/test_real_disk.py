"""A disk that is really full, and files that may really not be written: in a namespace of its own, which anybody may have."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from tests.command_line import create_service
from tests.faults.test_disk import ILL, QUIET, lines_of, process_group
from tests.running_service import Live, serving, wait_until

pytestmark = pytest.mark.soak

POSTS = 32
# The process becomes `commentsvc`, as root of a namespace: with a small disk of its own as the data directory ...
ON_SMALL_DISK = """
import os, sys
mounted = 'mount -t tmpfs -o size=20m,mode=700 tmpfs "$COMMENTSVC_DATA_DIR" && exec "$@"'
words = [sys.executable, "-m", "commentsvc", *sys.argv[1:]]
os.execvp("unshare", ["unshare", "--map-root-user", "--mount", "sh", "-c", mounted, "sh", *words])
"""
# ... or without the right to pass over the modes of files.
BY_MODES = """
import os, sys
words = [sys.executable, "-m", "commentsvc", *sys.argv[1:]]
drop = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]
os.execvp("unshare", ["unshare", "--map-root-user", *drop, *words])
"""


@contextmanager
def full(folder: Path) -> Iterator[None]:
    """Fill the disk of *folder* to the last byte."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as opened, suppress(OSError):
        while True:
            opened.write(bytes(4096))
    yield
    filler.unlink()


def test_a_disk_of_20_mb_that_is_full(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(data, program=("-c", ON_SMALL_DISK), **QUIET) as live:
        disk = Path(f"/proc/{live.process.pid}/root{data}")
        assert os.statvfs(disk).f_blocks * os.statvfs(disk).f_frsize == 20 << 20
        reader = live.reader()
        reader.comment("a", "First.")
        submissions = [reader.submission("a", f"Number {n}. {'Words. ' * 100}") for n in range(POSTS)]

        with full(disk):
            refused = [reader.send(submission) for submission in submissions]
            stored = [answer for answer in refused if answer.status_code == 201]  # within the last page
            assert {answer.status_code for answer in refused[len(stored) :]} == {503}
            assert all(answer.headers["Retry-After"].isdecimal() for answer in refused[len(stored) :])
            assert reader.thread("a")["count"] == 1 + len(stored)
            ready = reader.get("/readyz")
            assert (ready.status_code, ready.text.startswith("degraded: ")) == (200, True)

        wait_until(lambda: reader.get("/readyz").text == "ok")
        assert {reader.send(one).status_code for one in submissions[len(stored) :]} == {201}
        assert reader.thread("a")["count"] == 1 + POSTS
        (told,) = lines_of(live, "database ill")
        assert (told["database"], "disk" in told["reason"]) == (str(data / "comments.db"), True)
        assert len(lines_of(live, "database well again")) == 1


@pytest.mark.parametrize("fresh", [False, True], ids=["connected", "a worker that starts then"])
def test_a_file_that_the_services_user_may_not_write(tmp_path: Path, fresh: bool) -> None:
    data = tmp_path / "data"
    file = data / "comments.db"
    with serving(data, program=("-c", BY_MODES), **QUIET) as live:
        reader = live.reader()
        reader.comment("a", "First.")
        submissions = [reader.submission("a", f"Number {n}.") for n in range(POSTS)]

        file.chmod(0o400)
        if fresh:
            end_worker(live)
        statuses = send_at_once(live, submissions)
        # What was open for writing goes on, so some may be stored.
        assert set(statuses) == ({503} if fresh else {201, 503})
        assert reader.thread("a")["count"] == 1 + statuses[201]
        ready = reader.get("/readyz")
        assert (ready.status_code, ready.text) == (200, ILL + "it is read-only")

        file.chmod(0o600)
        wait_until(lambda: reader.get("/readyz").text == "ok")
        assert set(send_at_once(live, submissions)) <= {200, 201}
        assert reader.thread("a")["count"] == 1 + POSTS
        (told,) = lines_of(live, "database ill")
        assert (told["database"], told["reason"]) == (str(file), "it is read-only")
        assert len(lines_of(live, "database well again")) == 1


@pytest.mark.parametrize(
    "command",
    [["serve"], ["site", "set", "default", "--moderation", "all"], ["token", "create", "--scope", "post"]],
    ids=" ".join,
)
def test_a_command_on_a_file_that_it_may_not_write_ends_in_one_line(
    tmp_path: Path, command: list[str]
) -> None:
    create_service(tmp_path)
    (tmp_path / "comments.db").chmod(0o400)

    done = subprocess.run(
        [sys.executable, "-c", BY_MODES, *command],
        env=os.environ | {"COMMENTSVC_DATA_DIR": str(tmp_path)}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert done.returncode == 1
    assert done.stderr == "Error: The database cannot be used: attempt to write a readonly database\n"


def send_at_once(live: Live, submissions: list[dict[str, str]]) -> Counter[int]:
    """Give how often each status was answered; each 503 says when to come again."""

    def send(submission: dict[str, str]) -> int:
        answer = live.reader().send(submission)
        assert answer.status_code != 503 or answer.headers["Retry-After"].isdecimal()
        return answer.status_code

    with ThreadPoolExecutor(POSTS) as pool:
        return Counter(pool.map(send, submissions))


def end_worker(live: Live) -> None:
    """Kill the process that answers, as the system may; the service starts another."""
    (worker,) = [
        int(folder.name)
        for folder in Path("/proc").glob("[0-9]*")
        if process_group(folder) == live.process.pid and int(folder.name) != live.process.pid
    ]
    os.kill(worker, signal.SIGKILL)
    wait_until(lambda: "Unexpected exit" in live.log.read_text())
    wait_until(lambda: answers(live))


def answers(live: Live) -> bool:
    try:
        return live.reader().get("/healthz").status_code == 200
    except httpx.TransportError:
        return False
