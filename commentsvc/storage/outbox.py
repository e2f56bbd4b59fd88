"""The outbox: messages, each of which one runner at a time has the lease of."""

from __future__ import annotations

import hashlib
from base64 import b32encode
from collections.abc import Callable, Collection, Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Integer,
    LargeBinary,
    Update,
    and_,
    bindparam,
    delete,
    func,
    literal_column,
    or_,
    select,
    update,
)

from commentsvc.model import MessageKind, MessageState
from commentsvc.records import NewMessage, OutboxMessage, OutboxState
from commentsvc.storage.events import SET_ASIDE
from commentsvc.storage.repository import Repository, unless_there
from commentsvc.storage.tables import EventRow, OutboxRow, RestoredRow, ToldRow

ID_BYTES = 16
TOLD = "told"  # in the data of a message: the digest of what is told once
DAY = timedelta(days=1)
MOST_COUNTED = 10_000  # of what waits, or died
MOST_MENDED = 200  # messages of a lane in one transaction
SLACK = timedelta(minutes=1)  # by which the clocks of two nodes may differ
FROM_BACKUP = "from the backup"

_MESSAGE = (
    OutboxRow.id,
    OutboxRow.public_id,
    OutboxRow.kind,
    OutboxRow.about,
    OutboxRow.receiver,
    OutboxRow.lane,
    OutboxRow.recipient,
    OutboxRow.site_id,
    OutboxRow.thread_id,
    OutboxRow.data,
    OutboxRow.state,
    OutboxRow.tries,
    OutboxRow.created_at,
    OutboxRow.due_at,
    OutboxRow.late_at,
    OutboxRow.error,
    OutboxRow.perhaps_sent,
)
_TELL = unless_there(ToldRow, ToldRow.digest)
# As the partial indexes say it; by its state SQLite would look what waits up in the index of the list.
_WAITS = OutboxRow.ended_at.is_(None)
_ENDED = OutboxRow.ended_at.is_not(None)
_MOST = bindparam("most", type_=Integer)
_HEAD_OF_NEXT_LANE = (
    select(*_MESSAGE, OutboxRow.lease_owner)
    .where(_WAITS, OutboxRow.lane > bindparam("lane"))
    .order_by(OutboxRow.lane, OutboxRow.due_at, OutboxRow.id)
    .limit(1)
)
_WAITING = select(OutboxRow.id).where(_WAITS).limit(_MOST).subquery()
_EVENTS = select(EventRow.id).order_by(EventRow.id).limit(_MOST).subquery()
_SET_ASIDE = (
    select(EventRow.id)
    .where(EventRow.failures > literal_column("0"), EventRow.failures >= SET_ASIDE)
    .limit(_MOST)
    .subquery()
)
_DIED = (
    select(OutboxRow.id)
    .where(_ENDED, OutboxRow.state == MessageState.DEAD, OutboxRow.ended_at > bindparam("since"))
    .limit(_MOST)
    .subquery()
)
_RESTORED = select(RestoredRow.at).limit(1)
_LATEST = select(OutboxRow.late_at).where(_WAITS).order_by(OutboxRow.late_at).limit(1)
_LATE = (
    select(OutboxRow.id, OutboxRow.lane)
    .where(_WAITS, OutboxRow.late_at < bindparam("before"), OutboxRow.lease_owner.is_(None))
    .order_by(OutboxRow.late_at)
    .limit(_MOST)
)
_OLDEST_EVENT = select(EventRow.at).order_by(EventRow.id).limit(1)
_MOVE = (
    update(OutboxRow)
    .where(OutboxRow.recipient == bindparam("before"))
    .values(recipient=bindparam("after", type_=LargeBinary))
)
_OLD = (
    select(OutboxRow.id)
    .where(_ENDED, OutboxRow.state == bindparam("state"), OutboxRow.ended_at < bindparam("before"))
    .order_by(OutboxRow.ended_at)
    .limit(_MOST)
)

_FORGOTTEN = (
    select(ToldRow.digest)
    .where(ToldRow.forget_at.is_not(None), ToldRow.forget_at < bindparam("now"))
    .order_by(ToldRow.forget_at)
    .limit(_MOST)
)


def fresh_message_id(random_bytes: Callable[[int], bytes]) -> str:
    """An id of 128 random bits that stays the same when its case is lost, as in the local part of an address."""
    return b32encode(random_bytes(ID_BYTES)).decode().rstrip("=").lower()


class Outbox(Repository):
    """Messages that wait, were sent, or died."""

    def add(self, message: NewMessage, random_bytes: Callable[[int], bytes], now: datetime) -> bool:
        """Store *message*; give whether it is new, as what is told once may have been told before."""
        once = message.once
        data = dict(message.data)
        if once is not None:
            told = {"digest": _digest(once), "forget_at": message.forget_at}
            if self._first(self._for(_TELL), **told) is None:
                return False
            data[TOLD] = _digest(once).hex()
        due_at = message.due_at or now
        self._insert(
            OutboxRow,
            public_id=fresh_message_id(random_bytes),
            kind=message.kind,
            about=message.about,
            receiver=message.receiver,
            lane=message.lane,
            recipient=message.recipient,
            site_id=message.site_id,
            thread_id=message.thread_id,
            data=data,
            state=MessageState.WAITING,
            tries=0,
            created_at=now,
            due_at=due_at,
            late_at=due_at,
            ended_at=None,
            lease_owner=None,
            error=None,
        )
        return True

    def was_told(self, once: str) -> bool:
        """Whether a message was stored that is to be told *once*."""
        return self._first(select(ToldRow.digest).where(ToldRow.digest == _digest(once))) is not None

    def find(self, public_id: str) -> OutboxMessage | None:
        """The message of that id."""
        row = self._first(select(*_MESSAGE).where(OutboxRow.public_id == public_id))
        return None if row is None else OutboxMessage(*row)

    def latest(
        self, state: MessageState | None, kind: MessageKind | None, before: int | None, limit: int
    ) -> list[OutboxMessage]:
        """Up to *limit* messages, the newest first, of one state or kind or of all, and older than that row."""
        states = [state] if state else list(MessageState)
        kinds = [kind] if kind else list(MessageKind)
        older = () if before is None else (OutboxRow.id < before,)
        rows = [
            row
            for one in states
            for other in kinds
            for row in self._rows(
                select(*_MESSAGE)
                .where(OutboxRow.state == one, OutboxRow.kind == other, *older)
                .order_by(OutboxRow.id.desc())
                .limit(limit)
            )
        ]
        return sorted((OutboxMessage(*row) for row in rows), key=lambda one: -one.id)[:limit]

    def due(self, now: datetime) -> list[OutboxMessage]:
        """Of each lane the message that is due the longest, if one is: a look-up by index for each lane."""
        return [message for message, _ in self._heads() if message.due_at <= now]

    def free(self, now: datetime) -> list[OutboxMessage]:
        """As `due`, but for those whose lease has ended: for who cannot know whether it has."""
        return [message for message, owner in self._heads() if message.due_at <= now and owner is None]

    def _heads(self) -> Iterator[tuple[OutboxMessage, str | None]]:
        lane = ""
        while (row := self._first(_HEAD_OF_NEXT_LANE, lane=lane)) is not None:
            lane = row.lane
            yield OutboxMessage(*row[:-1]), row.lease_owner

    def take(self, message: OutboxMessage, owner: str, until: datetime) -> OutboxMessage | None:
        """Give *owner* the lease of that message; None where another took it, or it has ended."""
        taken = (
            update(OutboxRow)
            .where(OutboxRow.id == message.id, _WAITS, OutboxRow.due_at == message.due_at)
            .values(
                lease_owner=owner,
                due_at=until,
                tries=OutboxRow.tries + 1,
                # Who had a lease that ended was killed, maybe after sending.
                perhaps_sent=or_(OutboxRow.perhaps_sent, OutboxRow.lease_owner.is_not(None)),
            )
            .returning(*_MESSAGE)
        )
        row = self._first(taken)
        return None if row is None else OutboxMessage(*row)

    def renew(self, message_ids: Collection[int], owner: str, until: datetime) -> None:
        """Let *owner* keep the leases of those messages."""
        leased = OutboxRow.id.in_(message_ids), _WAITS, OutboxRow.lease_owner == owner
        self._run(update(OutboxRow).where(*leased).values(due_at=until))

    def doubt(self, message: OutboxMessage, owner: str) -> None:
        """Nobody knows whether what was sent has arrived."""
        self._run(_leased(message, owner).values(perhaps_sent=True))

    def postpone(self, message: OutboxMessage, owner: str, due_at: datetime, error: str) -> None:
        """It failed, and is to be tried again at *due_at*."""
        self._run(_leased(message, owner).values(lease_owner=None, due_at=due_at, error=error))

    def hold_back(self, message: OutboxMessage, owner: str, due_at: datetime) -> None:
        """It was not tried, as a rate is reached; it is not late for that."""
        moved = {"lease_owner": None, "due_at": due_at, "late_at": due_at, "tries": OutboxRow.tries - 1}
        self._run(_leased(message, owner).values(**moved))

    def end(
        self, message: OutboxMessage, owner: str, state: MessageState, now: datetime, error: str | None = None
    ) -> bool:
        """It was sent, or will never be; what it was about is forgotten where it was sent.

        Give whether it was still *owner*'s to say so.
        """
        ended: dict[str, Any] = {"state": state, "ended_at": now, "lease_owner": None, "error": error}
        if state is MessageState.SENT:
            ended["data"] = {}
        return bool(self._rows(_leased(message, owner).values(**ended).returning(OutboxRow.id)))

    def remove(self, message: OutboxMessage, owner: str) -> bool:
        """There was nothing to send any more; give whether it was still *owner*'s to say so.

        What is told once was not, and may be told yet.
        """
        leased = OutboxRow.id == message.id, OutboxRow.lease_owner == owner, _WAITS
        removed = bool(self._rows(delete(OutboxRow).where(*leased).returning(OutboxRow.id)))
        if removed and TOLD in message.data and not message.perhaps_sent:
            self._run(delete(ToldRow).where(ToldRow.digest == bytes.fromhex(message.data[TOLD])))
        return removed

    def waits_in(self, lane: str, besides: OutboxMessage | None) -> bool:
        """Whether anything else than that message waits there."""
        others = OutboxRow.lane == lane, _WAITS, OutboxRow.id != (0 if besides is None else besides.id)
        return self._first(select(OutboxRow.id).where(*others).limit(1)) is not None

    def end_lane(self, lane: str, now: datetime, error: str) -> None:
        """What waits there will never be sent; what is being sent ends by itself."""
        waits = OutboxRow.lane == lane, _WAITS, OutboxRow.lease_owner.is_(None)
        self._run(update(OutboxRow).where(*waits).values(**_dead(now, error)))

    def end_late(self, lane: str, before: datetime, now: datetime, error: str, most: int) -> int:
        """What waits there since before then will never be sent, as its lane cannot be reached.

        Give how many; *most* of those that are late are looked at, the latest first.
        """
        late = self._rows(_LATE, before=before, most=most)
        ids = [row.id for row in late if row.lane == lane]
        self._run(update(OutboxRow).where(OutboxRow.id.in_(ids), _WAITS).values(**_dead(now, error)))
        return len(ids)

    def retry(self, public_id: str, now: datetime) -> bool:
        """Let what waits or died be sent at once, under the same id; give whether it can be."""
        again = {
            "state": MessageState.WAITING, "due_at": now, "late_at": now, "ended_at": None, "tries": 0,
            "error": None,
        }  # fmt: skip
        dead = and_(_ENDED, OutboxRow.state == MessageState.DEAD)
        idle = and_(_WAITS, OutboxRow.lease_owner.is_(None))
        one = OutboxRow.public_id == public_id
        retried = update(OutboxRow).where(one, or_(dead, idle)).values(**again).returning(OutboxRow.id)
        return bool(self._rows(retried))

    def mend_clock(self, now: datetime, lease: timedelta, longest: timedelta) -> int:
        """Bring back what a clock that was ahead has put off, some of each lane at a time; give how many.

        No lease is longer than *lease*, and no pause than *longest*. What was told to wait for longer, and was written
        when that clock was right, waits as it was told.
        """
        leases = (
            update(OutboxRow)
            .where(OutboxRow.lease_owner.is_not(None), OutboxRow.due_at > now + lease + SLACK)
            .values(due_at=now + lease)
            .returning(OutboxRow.id)
        )
        mended = len(self._rows(leases))
        by_that_clock = or_(OutboxRow.created_at > now + SLACK, OutboxRow.error.is_not(None))
        for message, _ in list(self._heads()):
            put_off = (
                select(OutboxRow.id)
                .where(
                    _WAITS, OutboxRow.lane == message.lane, OutboxRow.due_at > now + longest, by_that_clock
                )
                .order_by(OutboxRow.due_at)
                .limit(MOST_MENDED)
            )
            ids = [row.id for row in self._rows(put_off)]
            self._run(
                update(OutboxRow).where(OutboxRow.id.in_(ids)).values(due_at=now, late_at=now, created_at=now)
            )
            mended += len(ids)
        return mended

    def state(self, now: datetime, most: int = MOST_COUNTED, *, events: bool = True) -> OutboxState:
        """How it stands; counted up to *most* each. What died before the database was restored counts no more.

        :param events: whether an event that nobody was told of waits, too.
        """
        waiting = self._count(_WAITING, most) + (self._count(_EVENTS, most) if events else 0)
        moments = (self._first(_LATEST), self._first(_OLDEST_EVENT) if events else None)
        oldest = min((row[0] for row in moments if row is not None), default=now)
        restored = self._first(_RESTORED)
        since = now - DAY if restored is None else max(now - DAY, restored.at)
        dead = self._count(_DIED, most, since=since)
        set_aside = self._count(_SET_ASIDE, most)
        return OutboxState(waiting, max(0, int((now - oldest).total_seconds())), dead, set_aside)

    def end_all(self, now: datetime) -> None:
        """Send nothing of what waits, as it may have been sent since the backup was made that is being restored *now*."""
        ended = {"lease_owner": None, "perhaps_sent": True, **_dead(now, FROM_BACKUP)}
        self._run(update(OutboxRow).where(_WAITS).values(**ended))
        self._run(delete(EventRow))
        self._run(delete(RestoredRow))
        self._insert(RestoredRow, at=now)

    def forget_recipient(self, recipients: Collection[bytes], site_id: int | None, until: datetime) -> int:
        """Forget the messages to an address until then, of one site or of all; give how many there were."""
        of_site = () if site_id is None else (OutboxRow.site_id == site_id,)
        theirs = OutboxRow.recipient.in_(recipients), OutboxRow.created_at <= until, *of_site
        return len(self._rows(delete(OutboxRow).where(*theirs).returning(OutboxRow.id)))

    def move(self, before: bytes, after: bytes) -> None:
        """The hash of an address is another under newer keys."""
        self._run(_MOVE, before=before, after=after)

    def sweep(self, state: MessageState, before: datetime, limit: int) -> int:
        """Forget what came to that end before then, *limit* at most; give how many."""
        swept = delete(OutboxRow).where(OutboxRow.id.in_(_OLD)).returning(OutboxRow.id)
        return len(self._rows(swept, state=state, before=before, most=limit))

    def sweep_told(self, now: datetime, limit: int) -> int:
        """Forget what was told once and cannot come again, *limit* at most; give how many."""
        swept = delete(ToldRow).where(ToldRow.digest.in_(_FORGOTTEN)).returning(ToldRow.digest)
        return len(self._rows(swept, now=now, most=limit))

    def _count(self, few: Any, most: int, **parameters: Any) -> int:
        return int(self._rows(select(func.count()).select_from(few), most=most, **parameters)[0][0])


def _dead(now: datetime, error: str) -> dict[str, Any]:
    return {"state": MessageState.DEAD, "ended_at": now, "error": error}


def _leased(message: OutboxMessage, owner: str) -> Update:
    return update(OutboxRow).where(OutboxRow.id == message.id, OutboxRow.lease_owner == owner, _WAITS)


def _digest(once: str) -> bytes:
    return hashlib.blake2b(once.encode(), digest_size=16).digest()
