"""Version 0028: who was told before the upgrade is known as long as it is needed, and forgotten after it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, insert, select

from commentsvc.storage.tables import NoticeRow, WaitingNoticeRow
from tests.databases import on_both
from tests.people import Reader
from tests.running_service import InProcess, written
from tests.smtp_server import SmtpServer
from tests.storage.plans import engine_of
from tests.storage.upgrades import downgrade
from tests.telling.delivering import deliver
from tests.telling.test_followers import confirmed, kinds
from tests.telling.test_moderators_mail import add_user

__all__ = ["on_both"]


def rows(service: InProcess) -> tuple[int, int]:
    """How many notices there are, of those who follow and of moderators."""
    with engine_of(service).connect() as connection:
        found = [
            connection.scalar(select(func.count()).select_from(one)) for one in (NoticeRow, WaitingNoticeRow)
        ]
    return found[0] or 0, found[1] or 0


@pytest.mark.slow_on_postgresql
def test_who_was_told_before_is_not_told_again(
    make_service: Callable[..., InProcess], smtp: SmtpServer
) -> None:
    service = make_service(**smtp.settings, BASE_URL="https://comments.example")
    _, comment = confirmed(service, smtp, "Ada Sample", "ada@paper.example")
    bob, moderator = Reader(service.http(), "Bob Sample", "bob@paper.example"), service.moderator()
    answer = bob.comment("a", "They fly.", parent=comment)
    deliver(service)
    add_user(service, "each@paper.example")
    moderator.rule({"words": ["held"]})
    bob.post("a", "This is held.")
    deliver(service)
    assert kinds(smtp) == ["reply", "waiting"]

    with written(service) as connection:
        account = connection.scalar(select(WaitingNoticeRow.account_id))
        of_erased = {"account_id": account, "comment_id": 10**6, "occasion": 0, "batch": 1}
        connection.execute(insert(WaitingNoticeRow), of_erased)
    downgrade(service, "0027")
    service.run("db", "upgrade")

    for action in ("hold", "approve"):
        moderator.decide(action, answer)
        deliver(service)
    assert kinds(smtp) == ["reply", "waiting"]
    assert rows(service) == (1, 2)
    service.clock.move(days=100)
    service.sweep()
    assert rows(service) == (0, 2)
