"""Fifty times in a row a runner is killed while it sends: nothing is lost, and nearly nothing is sent twice."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select

from commentsvc.model import MessageKind, MessageState
from commentsvc.records import NewMessage
from commentsvc.settings import PREFIX
from commentsvc.storage.tables import OutboxRow
from tests.databases import NewDatabase, on_both
from tests.running_service import EASY, InProcess, make_in_process

__all__ = ["on_both"]

KILLS, MESSAGES, LANES = 50, 1000, 8
PATIENCE_SECONDS = 60

pytestmark = [pytest.mark.slow, pytest.mark.soak]


@contextmanager
def running(environ: dict[str, str], sent: Path, runners: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Runners in processes of their own, killed when the block ends."""
    words = [sys.executable, "-m", "tests.telling.runner", str(sent)]
    with (sent.parent / "runners.log").open("ab") as log:
        processes = [subprocess.Popen(words, env=environ, stdout=log, stderr=log) for _ in range(runners)]
    try:
        yield processes
    finally:
        for process in processes:
            process.kill()
        for process in processes:
            process.wait(10)


def until(is_so: object, processes: list[subprocess.Popen[bytes]]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not is_so():  # type: ignore[operator]
        assert time.monotonic() < end, "nothing is sent any more"
        assert all(process.poll() is None for process in processes), "a runner has ended by itself"
        time.sleep(0.005)


def fill(service: InProcess) -> set[str]:
    """Put the messages into the outbox; give their ids."""
    with service.ours.unit_of_work() as work:
        for number in range(MESSAGES):
            lane = f"{number % LANES}.example"
            told = NewMessage(kind=MessageKind.WEBHOOK, about="test", receiver=lane, lane=lane, data={})
            work.outbox.add(told, service.ours.random_bytes, service.clock.now)
        return {one.public_id for one in work.outbox.latest(None, None, None, MESSAGES)}


@pytest.mark.parametrize("runners", [1, 2])
def test_nothing_is_lost_and_at_most_one_message_a_kill_is_sent_twice(
    database: NewDatabase, template: Path, tmp_path: Path, runners: int
) -> None:
    with database() as where:
        service = make_in_process(tmp_path / "data", template, **where)
        messages, sent = fill(service), tmp_path / "sent"
        chosen = EASY | where | {"DATA_DIR": str(service.data_dir)}
        environ = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        environ |= {PREFIX + name: value for name, value in chosen.items()}
        sent.touch()
        chance = random.Random(18)
        for _ in range(KILLS // runners):
            before = sent.stat().st_size
            with running(environ, sent, runners) as processes:
                until(lambda before=before: sent.stat().st_size > before or is_done(service), processes)
                time.sleep(chance.uniform(0, 0.1))
        with running(environ, sent, runners) as processes:
            until(lambda: is_done(service), processes)
        counted = Counter(sent.read_text().split())
        service.close()
    assert set(counted) == messages
    doubles = sum(counted.values()) - MESSAGES
    print(f"{doubles} of {MESSAGES} were sent twice, at {KILLS} kills")
    assert doubles <= KILLS
    assert max(counted.values()) <= 2


def is_done(service: InProcess) -> bool:
    with service.ours.database.engine.connect() as connection:
        waits = select(func.count()).where(OutboxRow.state != MessageState.SENT)
        return connection.scalar(waits) == 0
