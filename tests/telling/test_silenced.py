"""Nobody silences another, and where mail ended its owner has it begin again."""

from __future__ import annotations

import re

import pytest

from commentsvc.model import MailEnd
from commentsvc.notifications import fan_out
from commentsvc.notifications.mail import bounces
from commentsvc.privacy.sealing import lookup
from tests.conftest import MakeService
from tests.databases import on_both
from tests.moderating.desk import PASSWORD, Desk
from tests.people import Reader
from tests.running_service import InProcess
from tests.smtp_server import SmtpServer
from tests.telling.delivering import deliver
from tests.telling.test_followers import confirmed, kinds, link

__all__ = ["on_both"]

MODERATOR = "mo@paper.example"
COMPLAINT = (
    b"Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\n"
    b"Content-Type: message/feedback-report\n\nFeedback-Type: abuse\nVersion: 1\n\n--b--\n"
)


@pytest.fixture
def told(make_service: MakeService, smtp: SmtpServer) -> InProcess:
    return make_service(
        **smtp.settings, BASE_URL="https://comments.example", MAIL_BOUNCES="bounces@blog.example"
    )


def token_of(smtp: SmtpServer) -> str:
    """That of the last mail, by which a report about it says which it was."""
    found = re.search(r"<(\w{26})", smtp.messages[-1]["Message-ID"])
    assert found is not None
    return found[1]


def me(service: InProcess, smtp: SmtpServer, email: str) -> tuple[str, str]:
    """The page of what belongs to an address, as its owner opens it, and what it shows."""
    assert service.http().post("/me", data={"email": email}).status_code == 200
    deliver(service)
    url = link(smtp.messages[-1], "/me/data")
    smtp.messages.clear()
    return url, service.http().get(url).text


@pytest.mark.any_database
@pytest.mark.parametrize("reported", ["at once", "later"])
def test_an_address_that_is_found_as_anothers_ends_nothing_of_that(
    told: InProcess, smtp: SmtpServer, reported: str
) -> None:
    told.run("user", "add", "jessica@paper.example", input=PASSWORD + "\n")
    told.run("user", "mail", "jessica@paper.example", "--waiting", "each")
    _, comment = confirmed(told, smtp, "Jessica", "jessica@paper.example")
    if reported == "at once":
        smtp.answers["RCPT"] = lambda said: None if said.isascii() else "550 5.1.1 No such user"
    Reader(told.http(), "Mallory", "jeßica@paper.example").comment("z", "Nice.", notify="replies")
    deliver(told)
    if reported == "later":
        bounces.take(told.ours, COMPLAINT, f"bounces+{token_of(smtp)}@blog.example")
    smtp.messages.clear()
    told.clock.move(hours=2)

    Reader(told.http(), "Bob", "bob@paper.example").comment("a", "A reply.", parent=comment)
    told.run("site", "set", "default", "--moderation", "all")
    Reader(told.http(), "Bob", "bob@paper.example").comment("a", "One that waits.")
    deliver(told)

    assert sorted(kinds(smtp)) == ["reply", "waiting"]
    Reader(told.http(), "Mallory", "JEßICA@paper.example").comment("y", "Nice, too.", notify="replies")
    smtp.messages.clear()
    told.moderator().decide("approve", *[one["id"] for one in told.moderator().queue(article="y")])
    deliver(told)
    # A question goes to who asks for it; nothing else does.
    assert set(kinds(smtp)) <= {"confirm"}


@pytest.mark.any_database
def test_a_moderator_whose_provider_complained_is_told_so_and_begins_again(
    make_service: MakeService, smtp: SmtpServer
) -> None:
    service = make_service(**smtp.settings, MAIL_BOUNCES="bounces@blog.example", MODERATION="all")
    service.run("user", "add", MODERATOR, input=PASSWORD + "\n")
    service.run("user", "mail", MODERATOR, "--waiting", "each")
    service.reader().comment("a", "One.")
    deliver(service)
    assert bounces.take(service.ours, COMPLAINT, f"bounces+{token_of(smtp)}@blog.example").is_complaint
    smtp.messages.clear()
    service.reader().comment("a", "Two.")
    deliver(service)
    assert kinds(smtp) == []

    desk = Desk(service.http(), MODERATOR)
    desk.sign_in()
    assert "came back" in desk.account().text
    service.run("user", "mail", MODERATOR, "--waiting", "each")
    service.reader().comment("a", "Three.")
    deliver(service)

    assert kinds(smtp) == ["waiting"]


@pytest.mark.any_database
@pytest.mark.parametrize("why", [MailEnd.HARD, MailEnd.COMPLAINT])
def test_who_comes_to_me_has_mail_that_came_back_begin_again(
    told: InProcess, smtp: SmtpServer, why: MailEnd
) -> None:
    _, comment = confirmed(told, smtp, "Ada", "ada@paper.example")
    with told.ours.unit_of_work() as work:
        work.mail_addresses.end(lookup("ada@paper.example", told.ours.address_keys), why, told.clock.now)

    url, page = me(told, smtp, "ada@paper.example")
    assert "Start again" in page
    follow = re.search(r'name="follow" value="(\d+)"', page)
    assert follow
    told.http().post(url, data={"do": "resume", "follow": follow[1]})

    Reader(told.http(), "Bob", "bob@paper.example").comment("a", "An answer.", parent=comment)
    deliver(told)
    assert kinds(smtp) == ["reply"]
    assert "Start again" not in told.http().get(url).text


@pytest.mark.any_database
def test_who_confirms_at_me_gets_what_was_answered_meanwhile(told: InProcess, smtp: SmtpServer) -> None:
    asked = Reader(told.http()).posted("a", "What?", notify="replies")["comment"]["id"]
    deliver(told)
    Reader(told.http(), "Bob", "bob@paper.example").comment("a", "An answer.", parent=asked)
    deliver(told)
    told.clock.move(days=3)

    url, page = me(told, smtp, "ada@paper.example")
    assert "not confirmed" in page
    follow = re.search(r'name="follow" value="(\d+)"', page)
    assert follow
    told.http().post(url, data={"do": "resume", "follow": follow[1]})
    deliver(told)

    assert kinds(smtp) == ["reply"]
    assert "An answer." in smtp.messages[0].text


@pytest.mark.any_database
def test_a_decision_that_was_undone_before_it_was_told_keeps_nothing_from_being_told(
    told: InProcess, smtp: SmtpServer
) -> None:
    moderator = told.moderator()
    ada, _ = confirmed(told, smtp, "Ada", "ada@paper.example")
    comment = ada.comment("b", "Second.")
    deliver(told)
    (mistake,) = moderator.decide("trash", comment, reason="By mistake.")["decided"]
    fan_out.fan_out(told.ours)
    moderator.request("POST", "/decisions/undo", json={"decisions": [mistake["decision"]]})
    deliver(told)
    assert kinds(smtp) == []

    told.clock.move(days=3)
    moderator.decide("trash", comment, reason="An insult.")
    deliver(told)

    assert kinds(smtp) == ["reasons"]
    assert "An insult." in smtp.messages[0].text


def test_a_transaction_tells_of_as_many_events_as_it_has_time_for(
    told: InProcess, smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fan_out, "SECONDS", 0)
    _, comment = confirmed(told, smtp, "Ada", "ada@paper.example")
    bob = Reader(told.http(), "Bob", "bob@paper.example")
    for number in range(3):
        bob.comment("a", f"Answer {number}.", parent=comment)

    steps = 0
    while fan_out.fan_out(told.ours):
        steps += 1
    assert steps >= 3
    deliver(told)
    told.clock.move(hours=2)
    deliver(told)

    assert [f"Answer {number}." in "".join(mail.text for mail in smtp.messages) for number in range(3)] == [
        True
    ] * 3
