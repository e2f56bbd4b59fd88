"""A thread with thousands of followers: each is told once, some at a time, and each look-up goes by an index."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select

from bench.seed import fill
from commentsvc.model import Notify, QuestionKind, State
from commentsvc.notifications.fan_out import fan_out
from commentsvc.storage.tables import (
    AddressRow,
    CommentRow,
    FollowRow,
    NoticeRow,
    OutboxRow,
    QuestionRow,
)
from tests.databases import on_both
from tests.people import Reader
from tests.running_service import InProcess, written
from tests.smtp_server import SmtpServer
from tests.storage.plans import Recorder, analyse, engine_of, faults

__all__ = ["on_both"]  # found here by the tests
pytestmark = [pytest.mark.slow, pytest.mark.soak]

LONG = 6_000


def follow_all(service: InProcess) -> int:
    """Let each public comment's author follow all, and give how many addresses that are."""
    now = service.ours.now()
    with written(service) as connection:
        rows = connection.execute(
            select(CommentRow.id, CommentRow.site_id, CommentRow.thread_id, AddressRow.lookup)
            .join(AddressRow, AddressRow.comment_id == CommentRow.id)
            .where(CommentRow.state == State.APPROVED)
        ).all()
        follows = [
            {
                "comment_id": row.id, "site_id": row.site_id, "thread_id": row.thread_id, "kind": Notify.ALL,
                "lang": "en", "stop": f"secret {row.id}", "person": row.lookup.hex()[:26], "created_at": now,
                "confirmed_at": now,
            }
            for row in rows
        ]  # fmt: skip
        connection.execute(insert(FollowRow), follows)
        first = connection.scalar(select(func.min(FollowRow.id)))
        notices = [
            {
                "person": f"person {number}", "comment_id": number, "thread_id": 1, "follow_id": first,
                "until": now + timedelta(hours=1) if number % 2 else None, "batch": number - number % 2 or None,
            }
            for number in range(LONG)
        ]  # fmt: skip
        connection.execute(insert(NoticeRow), notices)
        questions = [
            {
                "public_id": f"question {number}", "kind": QuestionKind.CONFIRM, "recipient": b"%d" % number,
                "comment_id": number, "lang": "en", "created_at": now, "expires_at": now,
            }
            for number in range(LONG)
        ]  # fmt: skip
        connection.execute(insert(QuestionRow), questions)
    return len({row.lookup for row in rows})


def test_thousands_are_told_once_and_some_at_a_time(
    make_service: Callable[..., InProcess], smtp: SmtpServer
) -> None:
    service = make_service(**smtp.settings)
    fill(service.ours, "long", LONG)
    persons = follow_all(service)
    assert persons > 200
    recorder = Recorder(engine_of(service))
    reader = Reader(service.http(), "Zoe Sample", "zoe@paper.example")
    oldest = reader.thread("long")["comments"][0]["id"]
    with recorder.during("a post with a wish"):
        reader.post("long", "News for all.", notify="all")
    reader.post("long", "More news, for all.", parent=oldest)

    most, before = 0, 0
    more = True
    while more:
        with recorder.during("telling"):
            more = fan_out(service.ours)
        with engine_of(service).connect() as connection:
            told = connection.scalar(select(func.count()).select_from(OutboxRow)) or 0
        most, before = max(most, told - before), told
    assert (
        before == 1 + 2 * persons
    )  # a question; of the first one at once, of the second one later, together
    assert most <= 500

    analyse(engine_of(service))
    wrong = [
        (statement.deed, fault, statement.text)
        for statement in {re.sub(r"'[^']*'|\d+", "", one.text): one for one in recorder.statements}.values()
        if re.search(r"\b(follow|notice|question)\b", statement.text)
        for fault in faults(engine_of(service), statement)
    ]
    assert wrong == []
