"""A mail about a comment that is held before it can be sent is made again once the comment is approved, and never twice."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from commentsvc.notifications.delivery import Delivery
from tests.databases import on_both
from tests.people import Reader
from tests.running_service import InProcess
from tests.smtp_server import SmtpServer
from tests.telling.delivering import deliver
from tests.telling.test_followers import confirmed, kinds, link, press

__all__ = ["on_both"]  # found here by the tests

LATER = "421 4.3.2 Later"


@pytest.fixture
def service(make_service: Callable[..., InProcess], smtp: SmtpServer) -> InProcess:
    return make_service(**smtp.settings, BASE_URL="https://comments.example")


def held_before_it_is_sent(service: InProcess, smtp: SmtpServer, comment: str, wait: float = 3) -> None:
    """Let the mails about *comment* be tried in vain, and again once it is held."""
    smtp.answers["connect"] = LATER
    deliver(service)
    service.moderator().decide("hold", comment)
    smtp.answers.clear()
    service.clock.move(hours=wait)
    deliver(service)


def decided(service: InProcess, comment: str, *actions: str) -> None:
    """Decide that about *comment*, and let all be sent, after the time in which mail is gathered too."""
    for action in actions:
        service.moderator().decide(action, comment)
        deliver(service)
        service.clock.move(hours=2)
        deliver(service)


def comment_with_mail(service: InProcess, smtp: SmtpServer, kind: str) -> str:
    """Post a comment of which a mail of that kind is sent."""
    if kind == "confirm":
        return Reader(service.http()).comment("a", "What of kites?", notify="replies")
    _, comment = confirmed(service, smtp, "Ada Sample", "ada@paper.example")
    return Reader(service.http(), "Bob Sample", "bob@paper.example").comment("a", "A reply.", parent=comment)


def gathered_comments(service: InProcess, smtp: SmtpServer, *texts: str) -> list[str]:
    """Post a reply that is told at once, and *texts*, which are gathered for the mail after it."""
    _, comment = confirmed(service, smtp, "Ada Sample", "ada@paper.example")
    bob = Reader(service.http(), "Bob Sample", "bob@paper.example")
    bob.comment("a", "Told at once.", parent=comment)
    deliver(service)
    comments = [bob.comment("a", text, parent=comment) for text in texts]
    deliver(service)
    return comments


@pytest.mark.slow_on_postgresql
@pytest.mark.parametrize("hours", [3, 72], ids=["soon", "after the link would have ended"])
def test_a_question_is_asked_once_its_comment_is_approved(
    service: InProcess, smtp: SmtpServer, hours: float
) -> None:
    ada = Reader(service.http())
    comment = ada.comment("a", "What of kites?", notify="replies")
    held_before_it_is_sent(service, smtp, comment, hours)
    assert kinds(smtp) == []
    decided(service, comment, "approve", "hold", "approve")
    assert kinds(smtp) == ["confirm"]
    press(service, link(smtp.messages[0], "/mail/confirm"))
    Reader(service.http(), "Bob Sample", "bob@paper.example").post("a", "They fly.", parent=comment)
    deliver(service)
    assert kinds(smtp) == ["confirm", "reply"]


@pytest.mark.slow_on_postgresql
def test_a_question_that_was_not_sent_is_none_of_those_of_the_day(
    service: InProcess, smtp: SmtpServer
) -> None:
    stranger = Reader(service.http())
    for number in range(3):
        held_before_it_is_sent(
            service, smtp, stranger.comment("a", f"Held {number}.", notify="replies"), wait=1
        )
    stranger.post("a", "Public.", notify="replies")
    deliver(service)
    assert kinds(smtp) == ["confirm"]


def test_who_stopped_everything_before_the_approval_is_not_asked(
    service: InProcess, smtp: SmtpServer
) -> None:
    ada = Reader(service.http())
    held = ada.comment("b", "Held.", notify="replies")
    held_before_it_is_sent(service, smtp, held)
    ada.post("a", "Public.", notify="replies")
    deliver(service)
    press(service, link(smtp.messages[0], "/mail/stop"))
    decided(service, held, "approve")
    assert kinds(smtp) == ["confirm"]


def test_a_reply_is_told_of_once_it_is_approved(service: InProcess, smtp: SmtpServer) -> None:
    _, comment = confirmed(service, smtp, "Ada Sample", "ada@paper.example")
    bob = Reader(service.http(), "Bob Sample", "bob@paper.example")
    held = bob.comment("a", "Held for a while.", parent=comment)
    held_before_it_is_sent(service, smtp, held)
    assert kinds(smtp) == []
    bob.post("a", "Comes first.", parent=comment)  # no mail was sent, so this one is told at once
    deliver(service)
    assert kinds(smtp) == ["reply"]
    decided(service, held, "approve", "hold", "approve")
    assert kinds(smtp) == ["reply", "digest"]
    assert "Held for a while." in smtp.messages[1].text
    assert "Comes first." not in smtp.messages[1].text


@pytest.mark.slow_on_postgresql
@pytest.mark.parametrize("both", [False, True], ids=["one of two", "all of it"])
def test_what_a_digest_left_out_is_told_of_once_it_is_approved(
    service: InProcess, smtp: SmtpServer, both: bool
) -> None:
    held, other = gathered_comments(service, smtp, "Held for a while.", "Public all the time.")
    smtp.answers["connect"] = LATER
    service.clock.move(hours=2)
    deliver(service)  # what was gathered is tried in vain
    if both:
        service.moderator().decide("hold", other)
    held_before_it_is_sent(service, smtp, held)

    texts = [mail.text for mail in smtp.messages[1:]]
    assert len(texts) == (0 if both else 1)
    assert not any("Held for a while." in text for text in texts)
    decided(service, held, "approve", "hold", "approve")
    assert sum("Held for a while." in mail.text for mail in smtp.messages) == 1
    decided(service, other, "approve")
    assert sum("Public all the time." in mail.text for mail in smtp.messages) == 1


def test_what_is_approved_after_a_month_is_no_news(service: InProcess, smtp: SmtpServer) -> None:
    _, comment = confirmed(service, smtp, "Ada Sample", "ada@paper.example")
    bob = Reader(service.http(), "Bob Sample", "bob@paper.example")
    held = bob.comment("a", "Held for long.", parent=comment)
    held_before_it_is_sent(service, smtp, held)
    service.clock.move(days=31)
    decided(service, held, "approve")
    assert kinds(smtp) == []


@pytest.mark.parametrize("kind", ["confirm", "reply"])
def test_what_may_have_arrived_is_not_made_again(service: InProcess, smtp: SmtpServer, kind: str) -> None:
    told_of = comment_with_mail(service, smtp, kind)
    smtp.drops_after_data = 1
    deliver(service)
    assert [mail["X-Comments-Kind"] for mail in smtp.dropped] == [kind]
    service.clock.move(hours=1)
    held_before_it_is_sent(service, smtp, told_of)  # which forgets how the first try ended
    decided(service, told_of, "approve")
    assert kinds(smtp) == []


def test_what_a_digest_may_have_told_of_is_not_told_of_again(service: InProcess, smtp: SmtpServer) -> None:
    perhaps_told, _ = gathered_comments(service, smtp, "Perhaps told.", "Told.")
    smtp.drops_after_data = 1
    service.clock.move(hours=2)
    deliver(service)
    assert "Perhaps told." in smtp.dropped[0].text
    held_before_it_is_sent(service, smtp, perhaps_told)
    decided(service, perhaps_told, "approve")

    (digest,) = [mail.text for mail in smtp.messages[1:]]
    assert "Perhaps told." not in digest


@pytest.mark.slow_on_postgresql
@pytest.mark.parametrize("kind", ["confirm", "reply"])
def test_what_is_approved_while_it_is_being_found_held_is_told_of_once(
    service: InProcess, smtp: SmtpServer, kind: str
) -> None:
    told_of = comment_with_mail(service, smtp, kind)
    smtp.answers["connect"] = LATER
    deliver(service)
    smtp.answers.clear()
    service.moderator().decide("hold", told_of)
    service.clock.move(hours=3)
    delivery = Delivery(service.ours, lambda _seconds: False)
    assert (
        delivery.step()
    )  # the message is being tried; that it cannot be sent becomes an event that nobody has taken
    end = time.monotonic() + 20
    while delivery.is_sending() and time.monotonic() < end:
        time.sleep(0.005)
    service.moderator().decide("approve", told_of)
    deliver(service)
    decided(service, told_of, "hold", "approve")
    assert kinds(smtp) == [kind]
