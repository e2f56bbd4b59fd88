"""The machine is short of files, memory or room: who asks is told to come again, in the form of all answers."""

from __future__ import annotations

import errno
import json
import os
import resource
import sqlite3
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import event

from tests.people import Reader
from tests.running_service import InProcess, serving

FULL = sqlite3.OperationalError("database or disk is full")
PASSING = [
    *(OSError(code, "short of it") for code in (errno.EMFILE, errno.ENFILE, errno.ENOSPC, errno.ENOMEM, errno.EIO)),
    MemoryError(), FULL,
]  # fmt: skip
CROWD = 30
OURS = [RuntimeError("a fault of the program"), OSError(errno.EINVAL, "no business of the machine's")]


@pytest.mark.parametrize("accept", ["*/*", "text/html"])
@pytest.mark.parametrize("why", PASSING + OURS, ids=repr)
def test_what_fails_again_while_it_is_answered(
    service: InProcess, why: Exception, accept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise why

    service.app.before_request(fail)
    monkeypatch.setattr("commentsvc.web.problems.translated", fail)  # as where a catalogue cannot be opened

    answer = asked(service, accept)

    assert answer.status_code == (503 if why in PASSING else 500)
    assert ("Retry-After" in answer.headers) == (why in PASSING)
    assert answer.json()["detail"]


def asked(service: InProcess, accept: str) -> httpx.Response:
    return service.http().get("/thread", params={"article": "a"}, headers={"Accept": accept})


def assert_told(
    answer: httpx.Response, why: Exception, accept: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It is an answer like all others, and the log has a line of it."""
    assert answer.status_code == (503 if why in PASSING else 500)
    assert ("Retry-After" in answer.headers) == (why in PASSING)
    page = accept == "text/html"
    assert answer.headers["Content-Type"] == (
        "text/html; charset=utf-8" if page else "application/problem+json"
    )
    assert answer.text
    assert "stored" not in answer.text
    assert "Traceback" not in caplog.text
    lines = [json.loads(record.message) for record in caplog.records]
    assert [line["kind"] for line in lines if line["event"] == "error"] == [type(why).__name__]
    assert lines[-1]["status"] == answer.status_code


@pytest.mark.parametrize("accept", ["*/*", "text/html"])
@pytest.mark.parametrize("why", PASSING + OURS, ids=repr)
def test_what_fails_within_a_route(
    service: InProcess, why: Exception, accept: str, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise why

    service.app.before_request(fail)

    assert_told(asked(service, accept), why, accept, caplog)


@pytest.mark.parametrize("accept", ["*/*", "text/html"])
@pytest.mark.parametrize("why", PASSING + OURS, ids=repr)
def test_what_fails_once_an_answer_is_ready(
    service: InProcess, why: Exception, accept: str, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_error: BaseException | None) -> None:
        raise why

    service.app.teardown_request(fail)

    assert_told(asked(service, accept), why, accept, caplog)


@contextmanager
def files(more: int) -> Iterator[None]:
    """Let this process open so many *more* files at a time."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = max(int(name) for name in os.listdir("/proc/self/fd"))
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest + more, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.parametrize("more", range(8))
def test_with_few_files_left_nothing_fails_but_for_now(service: InProcess, more: int) -> None:
    reader = service.reader()
    submission = reader.submission("a", "First.")
    service.ours.database.disconnect()

    with files(more):
        page = {"Accept": "text/html"}
        answers = [
            reader.send(submission),
            reader.get("/api/v1/thread", article="a"),
            reader.http.get("/thread", params={"article": "b"}, headers=page),
            reader.http.get("/nowhere", headers=page),
            reader.get("/embed.js"),
            reader.get("/docs"),
            reader.get("/moderation/sign-in"),
            reader.get("/readyz"),
        ]

    assert {answer.status_code for answer in answers} <= {200, 201, 302, 303, 404, 503}
    assert all(answer.text for answer in answers if answer.status_code in {404, 503})
    assert all("Retry-After" in answer.headers for answer in answers if answer.status_code == 503)
    assert reader.send(submission).status_code in {200, 201}
    assert reader.texts("a") == ["First."]


def test_what_cannot_be_written_can_be_read(service: InProcess, reader: Reader) -> None:
    reader.comment("a", "First.")
    submission = reader.submission("a", "Second.")
    engine = service.ours.database.engine

    def lock(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute(
            "PRAGMA query_only = ON"
        )  # it says then what it says of a file without the right to write

    event.listen(engine, "checkout", lock)
    assert reader.texts("a") == ["First."]
    refused = reader.send(submission)
    assert (refused.status_code, refused.headers["Retry-After"].isdecimal()) == (503, True)
    event.remove(engine, "checkout", lock)
    engine.dispose()

    assert reader.send(submission).status_code == 201


@pytest.mark.slow
@pytest.mark.soak
def test_a_crowd_at_a_server_with_few_files(tmp_path: Path) -> None:
    limited = (
        "-c",
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)); import runpy; runpy.run_module('commentsvc', run_name='__main__', alter_sys=True)",
    )
    with serving(tmp_path / "data", program=limited) as live:

        def post(number: int) -> list[httpx.Response]:
            reader, article = live.reader(), f"{number % 3}"
            with closing(reader.http):
                return [reader.send(reader.submission(article, f"{number}, {n}.")) for n in range(5)]

        with ThreadPoolExecutor(CROWD) as pool:
            answers = [answer for some in pool.map(post, range(CROWD)) for answer in some]

        assert {answer.status_code for answer in answers} <= {201, 503}, Counter(
            (a.status_code, a.text) for a in answers
        )
        assert all(answer.text for answer in answers)
        posted = sum(answer.status_code == 201 for answer in answers)
        assert sum(live.reader().thread(f"{n}")["count"] for n in range(3)) == posted
