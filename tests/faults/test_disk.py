"""A disk that takes no more, a file that is read-only or malformed: reads go on, and it is said what is ill."""

from __future__ import annotations

import json
import os
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from commentsvc.storage.illness import MALFORMED, reason_of
from tests.running_service import EASY, InProcess, Live, serving

QUIET = {"JOBS": "worker", "CACHE_BYTES": "0"}
ILL = "degraded: the database is ill: "


def lines_of(live: Live, event: str) -> list[dict[str, str]]:
    """What the log says under that name."""
    lines = [json.loads(line) for line in live.log.read_text().splitlines() if line.startswith("{")]
    return [line for line in lines if line["event"] == event]


@contextmanager
def files_no_larger_than(live: Live, size: int) -> Iterator[None]:
    """Let no file of the service's processes grow beyond *size* bytes: writes fail as on a disk that is full."""
    group = [
        int(folder.name)
        for folder in Path("/proc").glob("[0-9]*")
        if process_group(folder) == live.process.pid
    ]
    for process in group:
        resource.prlimit(process, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        for process in group:
            resource.prlimit(process, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def process_group(folder: Path) -> int | None:
    try:
        return os.getpgid(int(folder.name))
    except ProcessLookupError:
        return None  # it has ended


@pytest.mark.slow
def test_a_disk_that_takes_no_more(tmp_path: Path) -> None:
    with serving(tmp_path / "data", **QUIET) as live:
        reader = live.reader()
        reader.comment("a", "First.")
        submissions = [reader.submission("a", f"Number {n}.") for n in range(5)]
        log_of_writes = tmp_path / "data" / "comments.db-wal"

        with files_no_larger_than(live, log_of_writes.stat().st_size):
            refused = [reader.send(submission) for submission in submissions]
            assert {answer.status_code for answer in refused} == {503}
            assert all(answer.headers["Retry-After"].isdecimal() for answer in refused)
            assert reader.texts("a") == ["First."]
            ready = reader.get("/readyz")
            assert (ready.status_code, ready.text.startswith(ILL)) == (200, True)

        assert reader.get("/readyz").text == "ok"
        assert {reader.send(submission).status_code for submission in submissions} == {201}
        (told,) = lines_of(live, "database ill")
        assert (told["database"], "disk" in told["reason"]) == (str(tmp_path / "data" / "comments.db"), True)
        assert len(lines_of(live, "database well again")) == 1


@pytest.mark.soak
def test_a_disk_that_is_full_before_anybody_posts(
    service: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    service.reader().get("/readyz")  # opens what it counts in
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, before[1]))
    try:
        ready = service.reader().get("/readyz")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    assert ready.status_code == 200
    assert ready.text.startswith(ILL + os.strerror(27))
    assert service.reader().get("/readyz").text == "ok"


def test_text_that_is_none_any_more_is_a_malformed_file() -> None:
    with closing(sqlite3.connect(":memory:")) as database, pytest.raises(sqlite3.OperationalError) as met:
        database.execute("SELECT CAST(x'ff' AS TEXT)").fetchone()

    assert reason_of(met.value) == MALFORMED


@pytest.mark.soak
@pytest.mark.slow
def test_a_malformed_file_is_told_and_does_not_mend_itself(tmp_path: Path) -> None:
    with serving(tmp_path / "data", **QUIET) as live:
        for n in range(200):
            live.reader().comment("a", f"Number {n}. {'Words. ' * 100}")
    file = tmp_path / "data" / "comments.db"
    with file.open("r+b") as opened:  # all but the schema, which `/readyz` reads
        opened.seek(file.stat().st_size * 2 // 3)
        opened.write(os.urandom(file.stat().st_size // 3))

    with serving(tmp_path / "data", **QUIET) as live:
        reader = live.reader()
        answers = [reader.get("/api/v1/thread", article="a", limit=200) for _ in range(3)]

        assert {answer.status_code for answer in answers} == {503}
        ready = reader.get("/readyz")
        assert (ready.status_code, ready.text) == (
            200,
            ILL + "its file is malformed: restore a backup, as it does not mend itself",
        )
        (told,) = lines_of(live, "database ill")
        assert (told["database"], "malformed" in told["reason"]) == (str(file), True)


@pytest.mark.soak
def test_a_start_on_a_full_disk_is_one_line(tmp_path: Path) -> None:
    limited = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000));"
        "import runpy; runpy.run_module('commentsvc', run_name='__main__', alter_sys=True)"
    )
    environ = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"} | {
        f"COMMENTSVC_{name}": value for name, value in (EASY | {"DATA_DIR": str(tmp_path / "data")}).items()
    }

    done = subprocess.run(
        [sys.executable, "-c", limited, "serve"],
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 1, done.stderr
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1, done.stderr
