"""Who was told of what is known for as long as it could be told again, and no longer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from commentsvc.storage.tables import NoticeRow, ToldRow, WaitingNoticeRow
from tests.databases import on_both
from tests.people import Reader
from tests.running_service import InProcess
from tests.smtp_server import SmtpServer
from tests.telling.delivering import deliver
from tests.telling.receiving import LOOPBACK, receiving
from tests.telling.test_followers import confirmed, kinds
from tests.telling.test_moderators_mail import add_user

__all__ = ["on_both"]  # found here by the tests


@pytest.fixture
def service(make_service: Callable[..., InProcess], smtp: SmtpServer) -> InProcess:
    return make_service(**smtp.settings, BASE_URL="https://comments.example")


def rows(service: InProcess, table: Any) -> int:
    with service.ours.database.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.slow_on_postgresql
def test_what_is_too_old_to_be_told_is_forgotten_and_not_told_again(
    service: InProcess, smtp: SmtpServer
) -> None:
    moderator = service.moderator()
    _, comment = confirmed(service, smtp, "Ada Sample", "ada@paper.example")
    bob = Reader(service.http(), "Bob Sample", "bob@paper.example")
    answers = [bob.comment("a", f"Answer {number}.", parent=comment) for number in range(3)]
    deliver(service)
    service.clock.move(hours=2)
    deliver(service)
    assert kinds(smtp) == ["reply", "digest"]

    def again() -> None:
        for action in ("hold", "approve"):
            moderator.decide(action, *answers)
            deliver(service)

    service.clock.move(days=29)
    service.sweep()
    again()
    assert (rows(service, NoticeRow), rows(service, ToldRow)) == (3, 1)
    service.clock.move(days=40)
    service.sweep()
    assert (rows(service, NoticeRow), rows(service, ToldRow)) == (0, 0)
    again()
    assert kinds(smtp) == ["reply", "digest"]
    bob.post("a", "Another answer.", parent=comment)
    deliver(service)
    assert kinds(smtp) == ["reply", "digest", "reply"]


@pytest.mark.slow_on_postgresql
def test_what_moderators_were_told_is_forgotten_with_its_comment(
    service: InProcess, smtp: SmtpServer
) -> None:
    service.run("site", "set", "default", "--moderation", "all")
    add_user(service, "each@paper.example")
    moderator, reader = service.moderator(), service.reader()
    posted = reader.posted("a", "Waits.")
    comment = posted["comment"]["id"]
    deliver(service)
    assert kinds(smtp) == ["waiting"]
    moderator.decide("approve", comment)
    service.clock.move(days=400)
    service.sweep()
    moderator.decide("hold", comment)
    deliver(service)
    assert kinds(smtp) == ["waiting"]
    assert rows(service, WaitingNoticeRow) == 1
    moderator.decide("purge", comment)
    assert rows(service, WaitingNoticeRow) == 0


@pytest.mark.slow_on_postgresql
def test_a_report_of_a_comment_is_told_once_however_old_that_is(service: InProcess, smtp: SmtpServer) -> None:
    add_user(service, "each@paper.example")
    reader = service.reader()
    comment = reader.comment("a", "Reported twice.")
    for _ in range(2):
        sent = {"token": reader.token("a"), "reason": "spam", "text": "Look."}
        assert reader.http.post(f"/api/v1/comments/{comment}/reports", json=sent).status_code == 202
        deliver(service)
        service.moderator().decide("approve", comment)
        service.clock.move(days=400)
        service.sweep()
    assert kinds(smtp) == ["report"]


def test_that_a_hub_was_told_is_forgotten(make_service: Callable[..., InProcess]) -> None:
    with receiving() as hub:
        service = make_service(WEBSUB_HUB=hub.url("/hub"), OUTBOUND_ALLOW=LOOPBACK)
        for number in range(3):
            service.reader().post("a", f"Number {number}.")
            deliver(service)
            service.clock.move(minutes=1)
        assert rows(service, ToldRow) == 6
        service.clock.move(days=29)
        service.sweep()
        assert rows(service, ToldRow) == 6  # what fails is told of for 30 days
        service.clock.move(days=3)
        service.sweep()
        assert rows(service, ToldRow) == 0
