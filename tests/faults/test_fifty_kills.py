"""Fifty times in a row all processes are killed while people post: nothing that was answered is lost, nothing is twice."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.command_line import typed
from tests.people import Reader
from tests.postgresql import Cluster
from tests.running_service import Live, free_port, serving

pytestmark = [pytest.mark.slow, pytest.mark.soak]
ROUNDS = 50
WRITERS = 4
POSTED = 3  # by each writer, until all processes are killed
Submission = dict[str, Any]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def where(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """The settings that name the database."""
    if request.param == "sqlite":
        yield {}
        return
    cluster: Cluster = request.getfixturevalue("postgresql")
    with cluster.database() as settings:
        yield settings


@contextmanager
def running(folder: Path, port: int, where: dict[str, str]) -> Iterator[Live]:
    with serving(folder / "data", "--workers", "2", port=port, **where) as live:
        yield live


def post_until_killed(
    live: Live, name: str, again: list[Submission], posted: threading.Semaphore
) -> tuple[list[Submission], list[Submission]]:
    """Send what is in doubt, then new comments; give what was acknowledged, and what was not."""
    reader = live.reader(name=f"Writer {name}", email=f"writer-{name}@paper.example")
    acknowledged: list[Submission] = []
    number = 0
    while True:
        try:
            submission = (
                again.pop() if again else reader.submission(f"article {number % 3}", f"{name} {number}")
            )
        except httpx.TransportError:
            return acknowledged, again
        try:
            answer = reader.send(submission)
        except httpx.TransportError:
            return acknowledged, [submission, *again]
        assert answer.status_code in {200, 201}, answer.text
        acknowledged.append(submission)
        number += 1
        posted.release()


def texts(reader: Reader, article: str) -> list[str]:
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = reader.thread(article, limit=200, **cursor)
        found += [c["html"].removeprefix("<p>").removesuffix("</p>") for c in page["comments"]]
        if page["next"] is None:
            assert page["count"] == len(found)
            return found
        cursor = {"cursor": page["next"]}


def test_nothing_is_lost_and_nothing_is_twice(tmp_path: Path, where: dict[str, str]) -> None:
    port = free_port()
    acknowledged: list[str] = []
    in_doubt: list[list[Submission]] = [[] for _ in range(WRITERS)]
    for number in range(ROUNDS):
        posted = threading.Semaphore(0)
        with running(tmp_path, port, where) as live, ThreadPoolExecutor(WRITERS) as pool:
            writers = [
                pool.submit(post_until_killed, live, f"{number}-{n}", again, posted)
                for n, again in enumerate(in_doubt)
            ]
            for _ in range(WRITERS * POSTED):
                assert posted.acquire(timeout=60)
            live.kill()
            results = [writer.result(60) for writer in writers]
        acknowledged += [submission["text"] for taken, _ in results for submission in taken]
        in_doubt = [lost for _, lost in results]

    with running(tmp_path, port, where) as live:
        reader = live.reader()
        stored = [text for n in range(3) for text in texts(reader, f"article {n}")]
    assert len(acknowledged) >= ROUNDS * WRITERS * POSTED
    assert len(stored) == len(set(stored))
    assert set(acknowledged) <= set(stored)
    assert set(stored) <= set(acknowledged) | {one["text"] for lost in in_doubt for one in lost}
    assert typed("doctor", "--deep", data_dir=tmp_path / "data", **where).exit_code == 0
