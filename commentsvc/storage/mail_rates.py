"""How much mail was let out of late; counted in the outbox, so that all nodes share one rate."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Integer, bindparam, func, or_, select, update

from commentsvc.model import MessageKind, MessageState
from commentsvc.storage.repository import Repository
from commentsvc.storage.tables import OutboxRow

LOCK = 0x6D61696C72617465  # the letters “mailrate”: who decides about one mail decides alone

_WAITS = OutboxRow.ended_at.is_(None)  # as the partial indexes say
_LET_OUT = (
    OutboxRow.let_out_at.is_not(None),  # as the partial indexes say
    OutboxRow.let_out_at > bindparam("since"),
    OutboxRow.let_out_at <= bindparam("now"),
    # What was refused took no place; what is being sent may.
    or_(OutboxRow.state == MessageState.SENT, OutboxRow.lease_owner.is_not(None)),
    OutboxRow.id != bindparam("besides"),
)
_NEWEST = (
    select(OutboxRow.let_out_at)
    .where(*_LET_OUT)
    .order_by(OutboxRow.let_out_at.desc())
    .limit(1)
    .offset(bindparam("newer", type_=Integer))
)
_NEWEST_TO_ONE = _NEWEST.where(OutboxRow.recipient == bindparam("recipient"))
_DUE = (
    _WAITS,
    OutboxRow.kind == MessageKind.MAIL,
    OutboxRow.lane == bindparam("lane"),
    OutboxRow.due_at > bindparam("since"),
    OutboxRow.due_at <= bindparam("until"),
)
_HELD_BACK = select(func.count()).select_from(
    select(OutboxRow.id)
    .where(*_DUE, OutboxRow.lease_owner.is_(None))
    .limit(bindparam("most", type_=Integer))
    .subquery()
)
_WAIT = select(func.count()).select_from(
    select(OutboxRow.id)
    .where(*_DUE, or_(OutboxRow.let_out_at.is_(None), OutboxRow.lease_owner.is_(None)))
    .limit(bindparam("most", type_=Integer))
    .subquery()
)
_LET_OUT_NOW = update(OutboxRow).where(OutboxRow.id == bindparam("message"))


class MailRates(Repository):
    """What was let out, and what waits for that."""

    def lock(self) -> None:
        """Let nobody else decide until this unit of work ends; on SQLite nobody else writes anyway."""
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(select(func.pg_advisory_xact_lock(LOCK)))

    def let_out_at(
        self, newer: int, since: datetime, now: datetime, besides: int, recipient: bytes | None
    ) -> datetime | None:
        """When the mail was let out than which *newer* are newer, since then and but one; to one address, or of all."""
        span = {"newer": newer, "since": since, "now": now, "besides": besides}
        if recipient is None:
            row = self._first(_NEWEST, **span)
        else:
            row = self._first(_NEWEST_TO_ONE, **span, recipient=recipient)
        return None if row is None else row.let_out_at

    def waiting(self, lane: str, since: datetime, until: datetime, most: int) -> int:
        """How many messages of a lane are due in between, and not let out; *most* at most."""
        return int(self._rows(_WAIT, lane=lane, since=since, until=until, most=most)[0][0])

    def held_back(self, lane: str, since: datetime, until: datetime, most: int) -> int:
        """How many messages of a lane are due in between, and not being sent; *most* at most."""
        return int(self._rows(_HELD_BACK, lane=lane, since=since, until=until, most=most)[0][0])

    def let_out(self, message_id: int, now: datetime) -> None:
        """Count a message from now on."""
        self._connection.execute(_LET_OUT_NOW.values(let_out_at=now), {"message": message_id})
