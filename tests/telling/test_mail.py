"""Mail of the outbox: at a rate, not to addresses where it ended, and what comes back ends it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import select

from commentsvc.model import MailEnd, MessageKind, MessageState
from commentsvc.notifications.mail.letter import Letter, Paragraph
from commentsvc.notifications.mail.letters import LETTERS
from commentsvc.notifications.mail.rates import lane_of
from commentsvc.privacy.sealing import lookup, lookups
from commentsvc.records import NewMessage, OutboxMessage
from commentsvc.service import Service
from commentsvc.storage.tables import MailStopRow
from commentsvc.storage.unit_of_work import UnitOfWork
from tests.command_line import typed
from tests.conftest import MakeService
from tests.databases import on_both
from tests.running.test_key_rotation import ADA, rotated, work
from tests.running.test_keys_in_use import Used, used
from tests.running_service import InProcess, written
from tests.smtp_server import SmtpServer
from tests.telling.delivering import deliver

__all__ = ["on_both", "used"]

BOB = "bob@paper.example"


def written_letter(_service: Service, _work: UnitOfWork, message: OutboxMessage) -> Letter | None:
    """A letter that says what it is about, to whom the message says; none where it was taken back."""
    if "to" not in message.data:
        return None
    return Letter(
        about=message.about,
        to=message.data["to"],
        language="en",
        sender="blog",
        subject=str(message.id),
        blocks=[Paragraph(".")],
    )


@pytest.fixture(autouse=True)
def letters(monkeypatch: pytest.MonkeyPatch) -> None:
    for about in ("reply", "access", "confirm"):
        monkeypatch.setitem(LETTERS, about, written_letter)


def add(service: InProcess, about: str = "reply", to: str | None = ADA) -> str:
    """Put a mail into the outbox; give its public id."""
    ours = service.ours
    message = NewMessage(
        kind=MessageKind.MAIL,
        about=about,
        receiver="paper.example",
        lane=lane_of(about),
        data={} if to is None else {"to": to},
        recipient=lookup(to or ADA, ours.address_keys),
    )
    with ours.unit_of_work() as unit:
        unit.outbox.add(message, ours.random_bytes, ours.now())
    with ours.reading() as unit:
        return unit.outbox.latest(None, None, None, 1)[0].public_id


def outbox(service: InProcess) -> list[OutboxMessage]:
    with service.ours.reading() as unit:
        return unit.outbox.latest(None, None, None, 100)[::-1]


def states(service: InProcess) -> list[str]:
    return [one.state for one in outbox(service)]


def why_ended(service: InProcess, email: str = ADA) -> MailEnd | None:
    with service.ours.reading() as unit:
        return unit.mail_addresses.why_ended(lookups(email, service.ours.address_keys))


def test_a_message_becomes_a_mail_with_its_id_and_what_was_taken_back_becomes_none(
    make_service: MakeService, smtp: SmtpServer
) -> None:
    service = make_service(**smtp.settings, MAIL_BOUNCES="bounces@blog.example")
    public_id = add(service)
    add(service, to=None)

    deliver(service)

    [taken] = smtp.messages
    assert taken["Message-ID"] == f"<{public_id}@blog.example>"
    assert taken.mail_from == f"bounces+{public_id}@blog.example"
    assert states(service) == [MessageState.SENT]
    assert ADA not in str(outbox(service))


def test_what_the_server_refuses_for_good_ends_mail_to_an_address_that_is_not_there(
    make_service: MakeService, smtp: SmtpServer
) -> None:
    service = make_service(**smtp.settings)
    smtp.answers["RCPT"] = lambda to: {
        ADA: "550 5.1.1 No such user",
        BOB: "550 5.7.1 Not from you",
    }.get(to)
    for to in (ADA, BOB):
        add(service, to=to)
    deliver(service)
    assert [(one.state, one.error) for one in outbox(service)] == [
        (MessageState.DEAD, "RCPT: 550 5.1.1"),
        (MessageState.DEAD, "RCPT: 550 5.7.1"),
    ]
    assert (why_ended(service), why_ended(service, BOB)) == (MailEnd.HARD, None)

    smtp.answers.clear()
    for about, to in (("reply", "ADA@paper.example"), ("reply", BOB), ("confirm", ADA), ("access", ADA)):
        add(service, about, to)
    deliver(service)
    assert sorted((one["X-Comments-Kind"], one["To"]) for one in smtp.messages) == [
        ("access", ADA),
        ("confirm", ADA),
        ("reply", BOB),
    ]

    with service.ours.unit_of_work() as unit:
        unit.mail_addresses.begin(lookups(ADA, service.ours.address_keys))
    add(service)
    deliver(service)
    assert smtp.messages[-1]["X-Comments-Kind"] == "reply"


def test_who_stopped_everything_is_asked_nothing_and_still_gets_in(
    make_service: MakeService, smtp: SmtpServer
) -> None:
    service = make_service(**smtp.settings)
    with service.ours.unit_of_work() as unit:
        for why in (MailEnd.STOPPED, MailEnd.HARD):  # the second says less
            unit.mail_addresses.end(lookup(ADA, service.ours.address_keys), why, service.ours.now())
    for about in ("reply", "confirm", "access"):
        add(service, about)
    deliver(service)
    assert [one["X-Comments-Kind"] for one in smtp.messages] == ["access"]


def test_the_fault_of_the_setup_kills_nothing(make_service: MakeService, smtp: SmtpServer) -> None:
    service = make_service(**smtp.settings, OUTBOX_GIVE_UP="60")
    smtp.answers["MAIL"] = "553 5.1.8 Who is that"
    add(service)
    for _ in range(3):
        deliver(service)
        service.clock.move(hours=5)
    [message] = outbox(service)
    assert (message.state, message.error) == (MessageState.WAITING, "MAIL: 553 5.1.8")

    smtp.answers.clear()
    deliver(service)
    assert states(service) == [MessageState.SENT]


def test_beyond_a_rate_mail_waits_and_what_somebody_waits_for_goes_first(
    make_service: MakeService, smtp: SmtpServer
) -> None:
    service = make_service(**smtp.settings, MAIL_PER_HOUR="3")
    for number in range(8):
        add(service, to=f"reader{number}@paper.example")
    add(service, "access", BOB)

    sent = []
    for _ in range(3):
        deliver(service)
        sent.append(len(smtp.messages))
        service.clock.move(hours=1, seconds=1)

    assert sent == [3, 6, 9]
    assert BOB in [one["To"] for one in smtp.messages[:3]]
    assert states(service) == [MessageState.SENT] * 9


def test_one_address_gets_so_many_an_hour(make_service: MakeService, smtp: SmtpServer) -> None:
    service = make_service(**smtp.settings, MAIL_PER_ADDRESS="2")
    for to in (ADA, ADA, ADA, BOB):
        add(service, to=to)
    deliver(service)
    assert sorted(one["To"] for one in smtp.messages) == [ADA, ADA, BOB]
    [waiting] = [one for one in outbox(service) if one.state is MessageState.WAITING]
    assert waiting.tries == 0
    assert waiting.late_at == waiting.due_at == service.clock.now + timedelta(hours=1)
    with service.ours.reading() as unit:
        assert unit.outbox.state(service.ours.now()).oldest_seconds == 0
    service.clock.move(hours=1, seconds=1)
    deliver(service)
    assert len(smtp.messages) == 4


REPORT = """\
From: MAILER-DAEMON@paper.example
To: bounces+{token}@blog.example
Content-Type: multipart/report; report-type={type}; boundary=b

--b
Content-Type: text/plain

Sorry.
--b
Content-Type: message/{part}

{fields}
--b--
"""
HARD = (
    "Final-Recipient: rfc822; ada@paper.example\nAction: failed\nStatus: 5.1.1\n"
    "Diagnostic-Code: smtp; 550 5.1.1 <ada@paper.example> No such user\n"
)
SOFT = HARD.replace("5.1.1", "5.2.2").replace("No such user", "Mailbox full")


def bounce(service: InProcess, input: str, *words: str) -> Result:
    """Hand a message over as a mail server does."""
    settings = service.ours.settings
    where = {} if settings.database_url is None else {"DATABASE_URL": settings.database_url}
    return typed("mail", "bounce", *words, data_dir=settings.data_dir, input=input, **where)


def report(token: str, fields: str = HARD, kind: str = "delivery-status") -> str:
    before = "Reporting-MTA: dns; mx.paper.example\n\n" if kind == "delivery-status" else ""
    return REPORT.format(token=token, type=kind, part=kind, fields=before + fields)


@pytest.mark.parametrize(
    ("fields", "kind", "said", "why"),
    [
        (HARD, "delivery-status", "hard: 5.1.1, there is no such address\n", MailEnd.HARD),
        (SOFT, "delivery-status", "soft: 5.2.2\n", None),
        (HARD.replace("failed", "delayed"), "delivery-status", "soft: delayed\n", None),
        (HARD.replace("No such user", "Sent too many this hour"), "delivery-status",
         "soft: 5.1.1, but for another reason (too many)\n", None),
        ("Feedback-Type: abuse\nVersion: 1\n", "feedback-report", "hard: a complaint (abuse)\n", MailEnd.COMPLAINT),
        ("Feedback-Type: auth-failure\n", "feedback-report", "none: a report that is no complaint\n", None),
    ],
    ids=["hard", "full", "delayed", "rate", "complaint", "authentication"],
)  # fmt: skip
def test_what_comes_back_ends_mail_where_nobody_is_or_who_is_complains(
    make_service: MakeService, smtp: SmtpServer, fields: str, kind: str, said: str, why: MailEnd | None
) -> None:
    service = make_service(**smtp.settings)
    public_id = add(service)
    deliver(service)

    unknown = bounce(service, report("a" * 26, fields, kind))
    assert (unknown.exit_code, unknown.stdout.partition(":")[0]) == (0, "none")
    assert why_ended(service) is None

    done = bounce(service, report(public_id, fields, kind))
    assert (done.exit_code, done.stdout) == (0, said)
    assert why_ended(service) is why


@pytest.mark.slow_on_postgresql
def test_the_address_at_which_it_came_may_be_told(make_service: MakeService, smtp: SmtpServer) -> None:
    service = make_service(**smtp.settings)
    public_id = add(service)
    deliver(service)
    at = f"bounces+{public_id.upper()}@blog.example"
    for words, input, said in (
        (["--recipient", "bounces@blog.example"], report(public_id), "none"),
        (["--recipient", at], "\0\xff junk", "none"),
        (["--recipient", at], "", "none"),
        (["--recipient", at], report("b" * 26), "hard"),
    ):
        done = bounce(service, input, *words)
        assert (done.exit_code, done.stdout.partition(":")[0]) == (0, said)
        assert ADA not in done.output


def test_a_bounce_is_kept_by_the_mail_server_while_the_database_is_out(tmp_path: Path) -> None:
    nowhere = "postgresql+psycopg://nobody@127.0.0.1:9/comments"
    done = typed("mail", "bounce", data_dir=tmp_path, DATABASE_URL=nowhere, input=report("a" * 26))
    assert done.exit_code == 75
    assert done.stdout == ""


@pytest.mark.slow_on_postgresql
def test_where_mail_ended_it_stays_so_under_new_keys_and_is_forgotten_with_the_person(used: Used) -> None:
    service, _ = used.open()
    with service.ours.unit_of_work() as unit:
        unit.mail_addresses.end(lookup(ADA, service.ours.address_keys), MailEnd.HARD, service.ours.now())
    rotated(used, "lookup")
    after, _ = used.open()
    assert why_ended(after) is MailEnd.HARD
    used.starts()
    work(after)
    with written(after) as connection:
        [stored] = connection.scalars(select(MailStopRow.lookup))
    assert stored == lookup(ADA, after.ours.address_keys)

    assert used.typed("person", "erase", ADA).exit_code == 0
    with written(after) as connection:
        assert connection.scalars(select(MailStopRow.lookup)).all() == []
