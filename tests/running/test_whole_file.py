"""`comments.db` is whole by itself when nothing uses it, and half a copy never becomes a new service."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

from tests.command_line import create_service, refusal, typed
from tests.running_service import Live, serving


def lone_copy(data_dir: Path, to: Path) -> Path:
    """A copy of the database's file alone."""
    to.mkdir()
    return Path(shutil.copy(data_dir / "comments.db", to))


def texts_in(file: Path) -> set[str]:
    with closing(sqlite3.connect(file)) as database:
        return {text for (text,) in database.execute("SELECT text FROM comment")}


@contextmanager
def posting(live: Live, people: int) -> Iterator[set[str]]:
    """Let people post until nobody answers any more; gives what was acknowledged."""
    acknowledged: set[str] = set()
    begun = threading.Barrier(people + 1)  # each of them, and who stops the service

    def post_on(person: int) -> None:
        reader = live.reader()
        for number in range(10_000):
            try:
                answer = reader.post(f"article {person}", f"{person}-{number}")
            except httpx.TransportError:
                return
            if answer.status_code != 201:
                return
            acknowledged.add(f"{person}-{number}")
            if number == 3:
                begun.wait(60)

    with ThreadPoolExecutor(max(people, 1)) as pool:
        posters = [pool.submit(post_on, person) for person in range(people)]
        begun.wait(60)
        yield acknowledged
        for poster in posters:
            poster.result(60)


@pytest.mark.soak
@pytest.mark.slow
@pytest.mark.sampled(4)
@pytest.mark.parametrize("workers", ["3", "1"])
@pytest.mark.parametrize("people", [6, 0], ids=["under load", "idle"])
def test_after_a_stop_the_file_alone_is_all_of_it(tmp_path: Path, workers: str, people: int) -> None:
    data = tmp_path / "data"
    with serving(data, "--workers", workers) as live:
        live.reader().comment("a", "The first.")
        with posting(live, people) as acknowledged:
            assert live.stop() == 0

    assert not (data / "comments.db-wal").exists()
    assert {"The first."} | acknowledged <= texts_in(lone_copy(data, tmp_path / "copy"))


@pytest.mark.soak
@pytest.mark.slow
def test_what_a_killed_service_left_in_the_log_is_put_into_the_file_at_the_next_start(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(data, "--workers", "2") as live:
        live.reader().comment("a", "In the log.")
        live.kill()
    assert (data / "comments.db-wal").stat().st_size > 0

    assert typed("site", "list", data_dir=data).exit_code == 0

    assert not (data / "comments.db-wal").exists()
    assert texts_in(lone_copy(data, tmp_path / "copy")) == {"In the log."}


@pytest.mark.parametrize(
    "command",
    [
        ["site", "list"],
        ["site", "set", "default", "--moderation", "all"],
        ["token", "create", "--scope", "moderate"],
        ["rerender"],
        ["db", "upgrade"],
        ["doctor", "--deep"],
    ],
    ids=" ".join,
)
def test_after_a_command_the_file_alone_is_all_of_it(tmp_path: Path, command: list[str]) -> None:
    data = tmp_path / "data"
    create_service(data)

    assert typed(*command, data_dir=data).exit_code == 0

    assert not (data / "comments.db-wal").exists()
    assert texts_in(lone_copy(data, tmp_path / "copy")) == set()


@pytest.mark.parametrize("with_keys", [True, False])
@pytest.mark.parametrize("command", [["serve"], ["demo"], ["site", "list"], ["db", "upgrade"]], ids=" ".join)
def test_a_copy_without_its_log_does_not_become_a_new_service(
    tmp_path: Path, command: list[str], with_keys: bool
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    if with_keys:
        (data / "secret.key").write_text("x" * 43)
        (data / "address.keys").write_text("k1:" + "B" * 43)
    with closing(sqlite3.connect(data / "comments.db")) as shell:
        shell.execute("PRAGMA journal_mode = WAL")  # which alone makes a file of 4 kB
    shell_before = (data / "comments.db").read_bytes()
    assert len(shell_before) == 4096

    said = refusal(typed(*command, data_dir=data))

    assert str(data / "comments.db") in said
    assert "log" in said
    assert (data / "comments.db").read_bytes() == shell_before


@pytest.mark.parametrize("content", [b"", "of another program"])
def test_no_other_file_becomes_a_new_service_either(tmp_path: Path, content: bytes | str) -> None:
    file = tmp_path / "comments.db"
    if isinstance(content, bytes):
        file.write_bytes(content)
    else:
        with closing(sqlite3.connect(file)) as database:
            database.execute("CREATE TABLE recipe (name TEXT)")

    assert "no tables" in refusal(typed("site", "list", data_dir=tmp_path))


def test_a_log_without_its_database_is_not_thrown_away(tmp_path: Path) -> None:
    log = tmp_path / "comments.db-wal"
    log.write_bytes(b"what was posted last")

    assert "put the database back" in refusal(typed("site", "list", data_dir=tmp_path))

    assert log.read_bytes() == b"what was posted last"


def test_a_first_start_that_was_interrupted_is_begun_again(tmp_path: Path) -> None:
    (tmp_path / "comments.db.new").write_bytes(b"half of it")
    (tmp_path / "comments.db.new-journal").write_bytes(b"half of it")

    assert typed("init", data_dir=tmp_path).exit_code == 0

    made = {name for name in os.listdir(tmp_path) if name.startswith("comments")}
    assert made == {"comments.db"}
    assert stat.S_IMODE((tmp_path / "comments.db").stat().st_mode) == 0o600
