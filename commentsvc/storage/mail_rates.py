"""How much mail was sent of late; counted from the outbox, so that all nodes share one rate."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Integer, bindparam, func, select

from commentsvc.model import MessageKind, MessageState
from commentsvc.storage.repository import Repository
from commentsvc.storage.tables import OutboxRow

_SENT = (
    OutboxRow.state == MessageState.SENT,
    OutboxRow.kind == MessageKind.MAIL,
    OutboxRow.ended_at > bindparam("since"),
    OutboxRow.ended_at <= bindparam("now"),
)
_NEWEST = (
    select(OutboxRow.ended_at)
    .where(*_SENT)
    .order_by(OutboxRow.ended_at.desc())
    .limit(1)
    .offset(bindparam("newer", type_=Integer))
)
_NEWEST_TO_ONE = _NEWEST.where(OutboxRow.recipient == bindparam("recipient"))
_IN_LANE = (OutboxRow.ended_at.is_(None), OutboxRow.lane == bindparam("lane"))
_BEING_SENT = select(func.count()).where(
    *_IN_LANE,
    OutboxRow.due_at > bindparam("now"),
    OutboxRow.due_at <= bindparam("until"),
    OutboxRow.lease_owner.is_not(None),
    OutboxRow.id < bindparam("before"),
)
_DUE = select(func.count()).select_from(
    select(OutboxRow.id)
    .where(*_IN_LANE, OutboxRow.due_at > bindparam("since"), OutboxRow.due_at <= bindparam("until"))
    .limit(bindparam("most", type_=Integer))
    .subquery()
)


class MailRates(Repository):
    """What was sent and is being sent."""

    def sent_at(self, newer: int, since: datetime, now: datetime, recipient: bytes | None) -> datetime | None:
        """When the mail was sent than which *newer* are newer, since then; to one address, or of all."""
        span = {"newer": newer, "since": since, "now": now}
        if recipient is None:
            row = self._first(_NEWEST, **span)
        else:
            row = self._first(_NEWEST_TO_ONE, **span, recipient=recipient)
        return None if row is None else row.ended_at

    def being_sent(self, lane: str, before_id: int, now: datetime, until: datetime) -> int:
        """How many messages of a lane, older than that row, have a lease that ends by *until*."""
        return int(self._rows(_BEING_SENT, lane=lane, before=before_id, now=now, until=until)[0][0])

    def due(self, lane: str, since: datetime, until: datetime, most: int) -> int:
        """How many messages of a lane are due between the two times; *most* at most."""
        return int(self._rows(_DUE, lane=lane, since=since, until=until, most=most)[0][0])
