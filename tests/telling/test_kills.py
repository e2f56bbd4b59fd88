"""Fifty runners are killed while they send: nothing is lost, and nearly nothing is sent twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import func, select

from commentsvc.model import MessageKind, MessageState
from commentsvc.records import NewMessage
from commentsvc.settings import PREFIX
from commentsvc.storage.tables import OutboxRow
from tests.databases import NewDatabase, on_both
from tests.running_service import EASY, InProcess, make_in_process, wait_until

__all__ = ["on_both"]

KILLS, MESSAGES, LANES = 50, 1000, 8

pytestmark = [pytest.mark.slow, pytest.mark.soak]


@contextmanager
def killing(environ: dict[str, str], sent: Path, runners: int) -> Iterator[None]:
    """Runners that are killed so often, and then run on until the block ends; see `runner`."""
    words = [sys.executable, "-m", "tests.telling.runner", str(sent), str(KILLS), str(runners)]
    log = sent.parent / "runners.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            words, env=environ, stdout=subprocess.PIPE, stderr=output, start_new_session=True
        )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"killed\n", log.read_text()
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


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
        expected, sent = fill(service), tmp_path / "sent"
        service.ours.database.disconnect()
        sent.touch()
        chosen = EASY | where | {"DATA_DIR": str(service.data_dir)}
        environ = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        environ |= {PREFIX + name: value for name, value in chosen.items()}
        with killing(environ, sent, runners):
            before_the_last = len(sent.read_text().split())
            while left := waiting(service):  # a slow machine takes its time, as long as it goes on
                wait_until(partial(is_below, service, left))
        counted = Counter(sent.read_text().split())
        service.close()
    doubles = sum(counted.values()) - MESSAGES
    print(f"{KILLS} kills: {before_the_last} of {MESSAGES} sent by then, {doubles} of them twice")
    assert set(counted) == expected
    assert doubles <= KILLS
    assert max(counted.values()) <= 2


def is_below(service: InProcess, before: int) -> bool:
    return waiting(service) < before


def waiting(service: InProcess) -> int:
    with service.ours.database.engine.connect() as connection:
        return connection.scalars(select(func.count()).where(OutboxRow.state != MessageState.SENT)).one()
