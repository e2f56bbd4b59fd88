"""What readers report of comments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import Integer, bindparam, exists, func, or_, select, update

from commentsvc.records import NewReport, StoredReport
from commentsvc.storage.repository import Repository, unless_there
from commentsvc.storage.tables import CommentRow, ReportRow
from commentsvc.storage.tables.types import UtcDateTime

_OF_COMMENT = ReportRow.comment_id == bindparam("comment")
_IS_OPEN = ReportRow.closed_at.is_(None)
_ADD = unless_there(ReportRow, ReportRow.id)
_REPORTS = select(*(getattr(ReportRow, field.name) for field in fields(StoredReport)))
_OPEN_CLIENTS = select(ReportRow.id, ReportRow.client).where(_OF_COMMENT, _IS_OPEN)
_WERE_OPEN = select(
    exists().where(
        _OF_COMMENT,
        ReportRow.created_at <= bindparam("at"),
        or_(ReportRow.closed_at.is_(None), ReportRow.closed_at >= bindparam("at")),
    )
)
_NEXT = (
    _REPORTS.where(_OF_COMMENT, ReportRow.id > bindparam("after"))
    .order_by(ReportRow.id)
    .limit(bindparam("most", type_=Integer))
)
_CLOSED: dict[str, Any] = {
    "closed_at": func.coalesce(ReportRow.closed_at, bindparam("now", type_=UtcDateTime)),
    "client": None,
}
_CLOSE = update(ReportRow).where(_OF_COMMENT, _IS_OPEN).values(_CLOSED)
_REOPEN = (
    update(ReportRow)
    .where(_OF_COMMENT, ReportRow.closed_at == bindparam("at", type_=UtcDateTime))
    .values(closed_at=None)
)
_ERASE = (
    update(ReportRow)
    .where(_OF_COMMENT)
    .values(_CLOSED | {"text": "", "name": "", "sealed": None, "lookup": None})
)


class Reports(Repository):
    """Reports. Those of a comment are added and closed while its thread is locked."""

    def add(self, comment_id: int, site_id: int, report: NewReport) -> None:
        """Store a report, unless one of the same client is there and open."""
        columns = {field.name: getattr(report, field.name) for field in fields(report)}
        self._first(self._for(_ADD), comment_id=comment_id, site_id=site_id, **columns)

    def is_there(self, comment_id: int, clients: Sequence[bytes]) -> bool:
        """Whether one of *clients*, which are several hashes of one, reported the comment, and nobody decided since."""
        theirs = exists().where(ReportRow.comment_id == comment_id, ReportRow.client.in_(clients))
        return bool(self._connection.scalar(select(theirs)))

    def open_clients(self, comment_id: int) -> list[bytes]:
        """The clients who reported the comment since somebody decided about it; what was brought in is of one each."""
        rows = self._rows(_OPEN_CLIENTS, comment=comment_id)
        return [client or row_id.to_bytes(8) for row_id, client in rows]

    def were_open(self, comment_id: int, at: datetime) -> bool:
        """Whether reports of the comment were open when somebody decided about it at that time, which closed them."""
        return bool(self._connection.scalar(_WERE_OPEN, {"comment": comment_id, "at": at}))

    def close(self, comment_id: int, now: datetime) -> None:
        """Somebody decided about the comment."""
        self._run(_CLOSE, comment=comment_id, now=now)

    def reopen(self, comment_id: int, at: datetime) -> None:
        """The decision of that time, which closed them, is undone. Who reported it is forgotten: each counts as another."""
        self._run(_REOPEN, comment=comment_id, at=at)

    def erase(self, comment_id: int, now: datetime) -> None:
        """Forget what was said of the comment and who said it."""
        self._run(_ERASE, comment=comment_id, now=now)

    def of_comment(self, comment_id: int, after: int, limit: int) -> list[StoredReport]:
        """Reports of a comment, oldest first, from behind the row *after* on."""
        return [StoredReport(*row) for row in self._rows(_NEXT, comment=comment_id, after=after, most=limit)]

    def open_of(self, comments: Sequence[str], limit: int) -> list[tuple[str, StoredReport]]:
        """Open reports of the comments of those public ids, each with that id, oldest first; *limit* at most."""
        rows = (
            _REPORTS.add_columns(CommentRow.public_id.label("comment"))
            .join(CommentRow, ReportRow.comment_id == CommentRow.id)
            .where(CommentRow.public_id.in_(comments), _IS_OPEN)
        )
        found = self._rows(rows.limit(limit))  # a database would sort by no index
        return [(row.comment, StoredReport(*row[:-1])) for row in sorted(found, key=attrgetter("id"))]

    def count_comments(self, sites: frozenset[int] | None) -> int:
        """How many comments of those sites have open reports; None for all sites. It reads the open ones alone."""
        counted = select(func.count(ReportRow.comment_id.distinct())).where(_IS_OPEN)
        if sites is not None:
            counted = counted.where(ReportRow.site_id.in_(sites))
        return int(self._connection.scalar(counted) or 0)
