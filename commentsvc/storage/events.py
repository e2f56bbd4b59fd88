"""What happened and nobody was told of yet."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Integer, bindparam, delete, func, literal_column, select, update

from commentsvc.records import NewEvent, StoredEvent
from commentsvc.storage.repository import Repository
from commentsvc.storage.tables import EventRow

FAN_OUT_LOCK = (
    0x636F6D6D_6F757462  # of PostgreSQL's advisory locks: one fans out at a time, so that the order stays
)
SET_ASIDE = 8  # failures, after some ten minutes: it is told to the operator, and tried again each day

_EVENT = (
    EventRow.id,
    EventRow.kind,
    EventRow.at,
    EventRow.site_id,
    EventRow.thread_id,
    EventRow.comment_id,
    EventRow.by,
    EventRow.data,
    EventRow.only,
    EventRow.failures,
)
# As the partial indexes say it: a parameter would keep SQLite from using them.
_IS_FRESH = EventRow.failures == literal_column("0")
_HAS_FAILED = EventRow.failures > literal_column("0")
_MOST = bindparam("most", type_=Integer)
_FRESH = select(*_EVENT).where(_IS_FRESH).order_by(EventRow.id).limit(_MOST)
_AGAIN = (
    select(*_EVENT)
    .where(_HAS_FAILED, EventRow.due_at <= bindparam("now"))
    .order_by(EventRow.due_at)
    .limit(_MOST)
)
_OLD = (
    select(EventRow.id)
    .where(_HAS_FAILED, EventRow.at < bindparam("before"))
    .order_by(EventRow.due_at)  # by the index, however few they are
    .limit(_MOST)
)


class Events(Repository):
    """Events, the oldest first."""

    def add(self, event: NewEvent) -> None:
        """Store *event*."""
        self._insert(
            EventRow,
            kind=event.kind,
            at=event.at,
            site_id=event.site_id,
            thread_id=event.thread_id,
            comment_id=event.comment_id,
            by=event.by,
            data=dict(event.data),
            only=event.only,
            failures=event.failures,
            due_at=event.due_at,
        )

    def is_turn(self) -> bool:
        """Whether this transaction is the one that may take events; on SQLite, the only one that writes is."""
        if self._connection.dialect.name == "sqlite":
            return True
        return bool(self._connection.scalar(select(func.pg_try_advisory_xact_lock(FAN_OUT_LOCK))))

    def wait_for_turn(self) -> None:
        """Wait until another transaction that takes events has ended, on PostgreSQL."""
        self._connection.execute(select(func.pg_advisory_xact_lock_shared(FAN_OUT_LOCK)))

    def take(self, limit: int, now: datetime) -> list[StoredEvent]:
        """Remove the oldest, *limit* at most, and as many that failed before and are due again; give them."""
        rows = [*self._rows(_FRESH, most=limit), *self._rows(_AGAIN, most=limit, now=now)]
        events = [StoredEvent(*row) for row in rows]
        if events:
            self._run(delete(EventRow).where(EventRow.id.in_([event.id for event in events])))
        return events

    def are_there(self, now: datetime) -> bool:
        """Whether there is any to take."""
        return bool(self._rows(_FRESH, most=1) or self._rows(_AGAIN, most=1, now=now))

    def move(self, thread_id: int, into: int) -> None:
        """Let what happened in that thread have happened in the one that it became a part of."""
        self._run(update(EventRow).where(EventRow.thread_id == thread_id).values(thread_id=into))

    def sweep(self, before: datetime, limit: int) -> int:
        """Forget those of before then that nobody could be told of, *limit* at most; give how many."""
        swept = delete(EventRow).where(EventRow.id.in_(_OLD)).returning(EventRow.id)
        return len(self._rows(swept, before=before, most=limit))
