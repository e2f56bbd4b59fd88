"""What is kept for some days alone: read in the order of its rows, some at a time, and forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Integer, Select, bindparam, delete, func, literal, or_, select, update

from commentsvc.model import State
from commentsvc.storage.repository import Repository
from commentsvc.storage.tables import AddressRow, CommentRow, DecisionRow, ReportRow, StatementRow

_AFTER = bindparam("after", type_=BigInteger)
_MOST = bindparam("most", type_=Integer)


class Aged(NamedTuple):
    """A row by its number, with its site and since when it is as it is; `public_id` where it has one."""

    row_id: int
    public_id: str
    site_id: int
    since: datetime


_ADDRESSES: Select[*tuple[Any, ...]] = (
    select(AddressRow.comment_id, literal(""), CommentRow.site_id, CommentRow.posted_at)
    .join(CommentRow, AddressRow.comment_id == CommentRow.id)
    .where(AddressRow.comment_id > _AFTER)
    .order_by(AddressRow.comment_id)
    .limit(_MOST)
)
_REPORTS: Select[*tuple[Any, ...]] = (
    select(ReportRow.id, ReportRow.public_id, ReportRow.site_id, ReportRow.closed_at)
    .where(
        ReportRow.id > _AFTER,
        or_(ReportRow.sealed.is_not(None), ReportRow.name != ""),
        ReportRow.closed_at.is_not(None),
    )
    .order_by(ReportRow.id)
    .limit(_MOST)
)
_REASONS: Select[*tuple[Any, ...]] = (
    select(DecisionRow.id, DecisionRow.public_id, DecisionRow.site_id, DecisionRow.decided_at)
    .where(DecisionRow.id > _AFTER, DecisionRow.reason.is_not(None))
    .order_by(DecisionRow.id)
    .limit(_MOST)
)
_DECIDED = (
    select(func.max(DecisionRow.decided_at))
    .where(DecisionRow.comment == CommentRow.public_id)
    .correlate(CommentRow)
    .scalar_subquery()
)
_IN_STATE: Select[*tuple[Any, ...]] = (
    select(
        CommentRow.id,
        CommentRow.public_id,
        CommentRow.site_id,
        func.coalesce(_DECIDED, CommentRow.posted_at, type_=CommentRow.posted_at.type),
    )
    .where(
        CommentRow.state == bindparam("state_is", type_=CommentRow.state.type),
        CommentRow.erased_at.is_(None),
        CommentRow.id > _AFTER,
    )
    .order_by(CommentRow.id)
    .limit(_MOST)
)


class Retention(Repository):
    """What is kept for some days alone."""

    def addresses(self, after: int, limit: int) -> list[Aged]:
        """Addresses of comments, since the comments were posted."""
        return [Aged(*row) for row in self._rows(_ADDRESSES, after=after, most=limit)]

    def reports(self, after: int, limit: int) -> list[Aged]:
        """Reports with an address or a name that are closed, since then."""
        return [Aged(*row) for row in self._rows(_REPORTS, after=after, most=limit)]

    def in_state(self, state: State, after: int, limit: int) -> list[Aged]:
        """Comments in that state, since somebody decided about them, else since they were posted."""
        return [Aged(*row) for row in self._rows(_IN_STATE, state_is=state, after=after, most=limit)]

    def reasons(self, after: int, limit: int) -> list[Aged]:
        """Decisions with a reason, since they were made."""
        return [Aged(*row) for row in self._rows(_REASONS, after=after, most=limit)]

    def forget_addresses(self, rows: Sequence[Aged]) -> int:
        """Forget the addresses of those comments; give how many there were."""
        return self._changed(delete(AddressRow).where(AddressRow.comment_id.in_(_ids(rows))))

    def forget_reporters(self, rows: Sequence[Aged]) -> int:
        """Forget the addresses and the names in those reports; give how many there were."""
        forgotten = {"name": "", "sealed": None, "lookup": None}
        return self._changed(update(ReportRow).where(ReportRow.id.in_(_ids(rows))).values(forgotten))

    def forget_reasons(self, rows: Sequence[Aged]) -> int:
        """Forget why those decisions were made; their places in the audit log stay."""
        told = StatementRow.decision.in_([row.public_id for row in rows])
        self._run(delete(StatementRow).where(told))
        forgotten = {"reason": None, "salt": None}
        return self._changed(update(DecisionRow).where(DecisionRow.id.in_(_ids(rows))).values(forgotten))

    def _changed(self, statement: Any) -> int:
        return int(self._connection.execute(statement).rowcount)


def _ids(rows: Sequence[Aged]) -> list[int]:
    return [row.row_id for row in rows]
