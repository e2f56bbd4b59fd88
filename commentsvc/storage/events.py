"""What happened and nobody was told of yet."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select

from commentsvc.records import NewEvent, StoredEvent
from commentsvc.storage.repository import Repository
from commentsvc.storage.tables import EventRow

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
        )

    def take(self, limit: int) -> list[StoredEvent]:
        """Remove the oldest, up to *limit* of those that no other transaction takes, and give them."""
        oldest = select(*_EVENT).order_by(EventRow.id).limit(limit).with_for_update(skip_locked=True)
        events = [StoredEvent(*row) for row in self._rows(oldest)]
        if events:
            ids: Sequence[int] = [event.id for event in events]
            self._run(delete(EventRow).where(EventRow.id.in_(ids)))
        return events

    def are_there(self) -> bool:
        """Whether there is any."""
        return self._first(select(EventRow.id).limit(1)) is not None
