"""An outbox with a past and much that waits, and all that is done with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from commentsvc.actions.sweep import MOST, MOST_MESSAGES
from commentsvc.model import EventKind, MailEnd, MessageKind, MessageState, Notify, QuestionKind, Role
from commentsvc.notifications.fan_out import fan_out
from commentsvc.records import NewEvent, NewMessage
from commentsvc.service import Service
from commentsvc.storage.tables import (
    AccountRow,
    EventRow,
    FollowRow,
    MailStopRow,
    NoticeRow,
    OutboxRow,
    QuestionRow,
    ToldRow,
    UsedLinkRow,
    WaitingNoticeRow,
)

HOUR = timedelta(hours=1)
LANES = ("mail", "mail:first", "a.example", "b.example")
AT_ONCE = 10_000

During = Callable[[str], AbstractContextManager[None]]


def fill_outbox(connection: Connection, now: datetime, number: int) -> None:
    """Store that many events and messages of each kind: due, under a lease, put off, sent and dead."""
    for start in range(0, number, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, number))
        connection.execute(insert(EventRow), [event(now, one) for one in numbers])
        connection.execute(insert(OutboxRow), [message(now, one) for one in numbers])
        connection.execute(insert(ToldRow), [told_once(now, one) for one in numbers])


def fill_follows(connection: Connection, now: datetime, comments: Sequence[Row[Any]]) -> None:
    """Let the authors of *comments*, which are rows of id, site and thread, follow these, be told and be asked."""
    follows = [
        {
            "comment_id": id, "site_id": site, "thread_id": thread, "kind": Notify.REPLIES, "lang": "en",
            "stop": f"{id:026}", "person": f"{id % 500:026}", "created_at": now, "confirmed_at": now,
        }
        for id, site, thread in comments
    ]  # fmt: skip
    connection.execute(insert(FollowRow), follows)
    rows = connection.execute(select(FollowRow.id, FollowRow.comment_id, FollowRow.thread_id)).all()
    told = [
        {
            "person": f"{id % 500:026}", "comment_id": id, "thread_id": thread, "follow_id": follow,
            "until": now, "batch": None, "forget_at": _forget_at(now, id),
        }
        for follow, id, thread in rows
    ]  # fmt: skip
    connection.execute(insert(NoticeRow), told)
    asked = [
        {
            "public_id": f"{id:026}", "kind": QuestionKind.CONFIRM, "recipient": b"%032d" % id, "comment_id": id,
            "lang": "en", "created_at": now, "expires_at": now + HOUR * (id % 100),
        }
        for id, _, _ in comments
    ]  # fmt: skip
    connection.execute(insert(QuestionRow), asked)
    stops = [{"lookup": b"%032d" % id, "why": MailEnd.HARD, "ended_at": now} for id, _, _ in comments]
    connection.execute(insert(MailStopRow), stops)
    account = {
        "public_id": "many", "email": "many@mail.example", "role": Role.MODERATOR, "all_sites": True,
        "password_hash": "", "created_at": now,
    }  # fmt: skip
    number = connection.execute(insert(AccountRow).returning(AccountRow.id), account).scalar_one()
    waiting = [{"account_id": number, "comment_id": id, "occasion": 0, "batch": id} for id, _, _ in comments]
    connection.execute(insert(WaitingNoticeRow), waiting)
    links = [{"digest": b"%032d" % id, "expires_at": now + HOUR * (id % 100)} for id, _, _ in comments]
    connection.execute(insert(UsedLinkRow), links)


def told_once(now: datetime, number: int) -> dict[str, Any]:
    """Of ten, one can be told again for ever; of thousands, some no more from two hours on."""
    forget_at = None if number % 10 == 0 else _forget_at(now, number)
    return {"digest": b"%016d" % number, "forget_at": forget_at}


def _forget_at(now: datetime, number: int) -> datetime:
    # Where there are more of them than are forgotten at once, PostgreSQL reads so short a table in one go, and rightly.
    return now + HOUR * (2 if number % 1000 == 1 else 2000)


def event(now: datetime, number: int) -> dict[str, Any]:
    failed = number % 10 == 0
    return {
        "kind": EventKind.DECIDED, "at": now - timedelta(days=40) * failed, "site_id": 1, "thread_id": 1,
        "comment_id": 1, "by": None, "data": {"comment": "none"}, "only": None, "failures": 9 * failed,
        "due_at": now + HOUR if failed else None,
    }  # fmt: skip


def message(now: datetime, number: int) -> dict[str, Any]:
    """Of ten, four wait: one is due, one is being sent, two are put off; five were sent, and one died."""
    what, lane = number % 10, LANES[number // 10 % len(LANES)]
    state = MessageState.WAITING if what < 4 else MessageState.DEAD if what == 4 else MessageState.SENT
    due_at = now - HOUR if what in {0, 4} or state is MessageState.SENT else now + HOUR * what
    leased = what == 1 and number < 200
    return {
        "public_id": f"{number:026}", "kind": MessageKind.MAIL if "mail" in lane else MessageKind.WEBHOOK,
        "about": "reply", "receiver": "a.example", "lane": lane, "recipient": b"%032d" % (number % 1000),
        "site_id": 1, "thread_id": 1, "data": {}, "state": state, "tries": 1, "created_at": now,
        "due_at": due_at, "late_at": now + timedelta(microseconds=number),
        "ended_at": None if what < 4 else now - HOUR * (number % 1750) / 10,
        "lease_owner": "another" if leased else None, "error": None,
    }  # fmt: skip


def use_outbox(service: Service, during: During, owner: str = "owner") -> None:
    """Do with the outbox all that the runner, the sweep, admins and operators do."""
    now = service.now()
    recipient = b"%032d" % 7
    with service.unit_of_work() as work, during("telling"):
        work.events.add(NewEvent(kind=EventKind.PUBLIC, at=now))
        told = NewMessage(
            kind=MessageKind.MAIL, about="reply", receiver="a.example", lane="mail", data={}, once="once"
        )
        assert work.outbox.add(told, service.random_bytes, now)
        assert not work.outbox.add(told, service.random_bytes, now)
    with during("turning events into messages"):
        assert fan_out(service)
    with service.reading() as work:
        with during("what is due"):
            due = work.outbox.due(now)
        with during("what is due, by a clock that was set"):
            work.outbox.free(now)
        with during("how it stands"):
            work.outbox.state(now, most=1000)
        for to in (None, recipient):
            with during(f"rates of mail to {to!r}"):
                work.mail_rates.let_out_at(100, now - HOUR, now, 7, to)
        with during("the queues of mail"):
            work.mail_rates.waiting("mail", now - HOUR, now, 1000)
            work.mail_rates.held_back("mail", now - HOUR, now, 1000)
        for state in (None, *MessageState):
            for kind in (None, MessageKind.MAIL):
                with during(f"the list of {state} {kind}"):
                    page = work.outbox.latest(state, kind, None, 51)
                    work.outbox.latest(state, kind, page[-1].id, 51)
    with service.unit_of_work() as work, during("sending"):
        taken = [one for message in due if (one := work.outbox.take(message, owner, now + HOUR))]
        assert len(taken) == len(LANES)
        work.outbox.renew([one.id for one in taken], owner, now + HOUR)
        first, second, third, fourth = taken
        work.outbox.end(first, owner, MessageState.SENT, now)
        work.outbox.postpone(second, owner, now, "503")
        work.outbox.hold_back(third, owner, now + HOUR)
        work.outbox.remove(fourth, owner)
    with service.unit_of_work() as work:
        with during("a lane that cannot be reached"):
            work.outbox.end_late("a.example", now, now, "connect", 100)
        with during("sending again"):
            assert work.outbox.retry(f"{4:026}", now)
        with during("a clock that was ahead"):
            work.outbox.mend_clock(now, timedelta(minutes=1), 5 * HOUR)
        with during("sealing an address again"):
            work.outbox.move(b"%032d" % 8, b"%032d" % 9)
        with during("erasing a person"):
            work.outbox.forget_recipient((recipient, recipient), 1, now)
        with during("forgetting"):
            for state in (MessageState.SENT, MessageState.DEAD):
                work.outbox.sweep(state, now - timedelta(days=7), MOST_MESSAGES)
            work.events.sweep(now - timedelta(days=30), MOST_MESSAGES)
            assert work.outbox.sweep_told(now + 3 * HOUR, MOST)
            assert work.notices.sweep(now + 3 * HOUR, MOST_MESSAGES)
        with during("forgetting what moderators were told"):
            work.moderators_mail.forget([7])
