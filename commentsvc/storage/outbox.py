"""The outbox: messages, each of which one runner at a time has the lease of."""

from __future__ import annotations

import hashlib
from base64 import b32encode
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Update, delete, func, select, update

from commentsvc.model import MessageKind, MessageState
from commentsvc.records import NewMessage, OutboxMessage, OutboxState
from commentsvc.storage.repository import Repository, unless_there
from commentsvc.storage.tables import EventRow, OutboxRow, ToldRow

ID_BYTES = 16
DAY = timedelta(days=1)

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
)
_TELL = unless_there(ToldRow, ToldRow.digest)
_WAITS = OutboxRow.state == MessageState.WAITING


def fresh_message_id(random_bytes: Callable[[int], bytes]) -> str:
    """An id of 128 random bits that stays the same when its case is lost, as in the local part of an address."""
    return b32encode(random_bytes(ID_BYTES)).decode().rstrip("=").lower()


class Outbox(Repository):
    """Messages that wait, were sent, or died."""

    def add(self, message: NewMessage, random_bytes: Callable[[int], bytes], now: datetime) -> bool:
        """Store *message*; give whether it is new, as what is told once may have been told before."""
        once = message.once
        if once is not None and self._first(self._for(_TELL), digest=_digest(once)) is None:
            return False
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
            data=dict(message.data),
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

    def due(self, now: datetime, full: Collection[str]) -> list[OutboxMessage]:
        """Of each lane but those in *full* the message that is due the longest; a look-up by index for each lane."""
        due: list[OutboxMessage] = []
        lane = ""
        while True:
            following = self._first(
                select(OutboxRow.lane).where(_WAITS, OutboxRow.lane > lane).order_by(OutboxRow.lane).limit(1)
            )
            if following is None:
                return due
            lane = following.lane
            if lane in full:
                continue
            first = self._first(
                select(*_MESSAGE)
                .where(_WAITS, OutboxRow.lane == lane, OutboxRow.due_at <= now)
                .order_by(OutboxRow.due_at, OutboxRow.id)
                .limit(1)
            )
            if first is not None:
                due.append(OutboxMessage(*first))

    def take(self, message_id: int, owner: str, now: datetime, until: datetime) -> OutboxMessage | None:
        """Give *owner* the lease of that message; None where another has it, or it has ended."""
        taken = (
            update(OutboxRow)
            .where(OutboxRow.id == message_id, _WAITS, OutboxRow.due_at <= now)
            .values(lease_owner=owner, due_at=until, tries=OutboxRow.tries + 1)
            .returning(*_MESSAGE)
        )
        row = self._first(taken)
        return None if row is None else OutboxMessage(*row)

    def renew(self, message_ids: Collection[int], owner: str, until: datetime) -> None:
        """Let *owner* keep the leases of those messages."""
        leased = OutboxRow.id.in_(message_ids), _WAITS, OutboxRow.lease_owner == owner
        self._run(update(OutboxRow).where(*leased).values(due_at=until))

    def postpone(self, message: OutboxMessage, owner: str, due_at: datetime, error: str) -> None:
        """It failed, and is to be tried again at *due_at*."""
        self._run(_leased(message, owner).values(lease_owner=None, due_at=due_at, error=error))

    def hold_back(self, message: OutboxMessage, owner: str, due_at: datetime) -> None:
        """It was not tried, as a rate is reached; it is not late for that."""
        moved = {"lease_owner": None, "due_at": due_at, "late_at": due_at, "tries": OutboxRow.tries - 1}
        self._run(_leased(message, owner).values(**moved))

    def end(
        self, message: OutboxMessage, owner: str, state: MessageState, now: datetime, error: str | None = None
    ) -> None:
        """It was sent, or will never be; what it was about is forgotten where it was sent."""
        ended: dict[str, Any] = {"state": state, "ended_at": now, "lease_owner": None, "error": error}
        if state is MessageState.SENT:
            ended["data"] = {}
        self._run(_leased(message, owner).values(**ended))

    def remove(self, message: OutboxMessage, owner: str) -> None:
        """There was nothing to send any more."""
        leased = OutboxRow.id == message.id, OutboxRow.lease_owner == owner, _WAITS
        self._run(delete(OutboxRow).where(*leased))

    def end_lane(self, lane: str, now: datetime, error: str) -> None:
        """What waits there will never be sent; what is being sent ends by itself."""
        waits = OutboxRow.lane == lane, _WAITS, OutboxRow.lease_owner.is_(None)
        ended = {"state": MessageState.DEAD, "ended_at": now, "error": error}
        self._run(update(OutboxRow).where(*waits).values(**ended))

    def state(self, now: datetime) -> OutboxState:
        """How it stands. What waits is counted up to 100,000; an event that nobody was told of waits, too."""
        few = select(OutboxRow.id).where(_WAITS).limit(100_000).subquery()
        events = select(EventRow.id).limit(100_000).subquery()
        waiting = self._rows(select(func.count()).select_from(few))[0][0]
        waiting += self._rows(select(func.count()).select_from(events))[0][0]
        late_at = self._first(select(OutboxRow.late_at).where(_WAITS).order_by(OutboxRow.late_at).limit(1))
        event_at = self._first(select(EventRow.at).order_by(EventRow.id).limit(1))
        oldest = min((row[0] for row in (late_at, event_at) if row is not None), default=now)
        died = OutboxRow.state == MessageState.DEAD, OutboxRow.ended_at > now - DAY
        dead = self._rows(select(func.count()).select_from(OutboxRow).where(*died))[0][0]
        return OutboxState(waiting, max(0, int((now - oldest).total_seconds())), dead)


def _leased(message: OutboxMessage, owner: str) -> Update:
    return update(OutboxRow).where(OutboxRow.id == message.id, OutboxRow.lease_owner == owner, _WAITS)


def _digest(once: str) -> bytes:
    return hashlib.blake2b(once.encode(), digest_size=16).digest()
