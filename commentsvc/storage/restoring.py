"""What hangs on comments, stored as it was exported."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import InstrumentedAttribute

from commentsvc.storage.repository import ByDialect, Repository, unless_there
from commentsvc.storage.tables import CommentRow, NoteRow, ObjectionRow, ReportRow

Rows = Iterable[Mapping[str, Any]]

AT_ONCE = 500
_ADD_NOTE = unless_there(NoteRow)
_ADD_REPORT = unless_there(ReportRow)


class Restoring(Repository):
    """What is brought in as it was."""

    def those_there(self, public_ids: Iterable[str]) -> dict[str, tuple[int, int]]:
        """The comments here that have one of those ids: the numbers of their rows and of their sites'."""
        ids = list(public_ids)
        found: dict[str, tuple[int, int]] = {}
        for start in range(0, len(ids), AT_ONCE):
            rows = select(CommentRow.public_id, CommentRow.id, CommentRow.site_id).where(
                CommentRow.public_id.in_(ids[start : start + AT_ONCE])
            )
            found.update((name, (row, site)) for name, row, site in self._connection.execute(rows))
        return found

    def taken_by_notes(self, public_ids: Collection[str]) -> set[str]:
        """Those of these ids that notes here have."""
        return self._taken(NoteRow.public_id, public_ids)

    def taken_by_reports(self, public_ids: Collection[str]) -> set[str]:
        """Those of these ids that reports here have."""
        return self._taken(ReportRow.public_id, public_ids)

    def add_notes(self, rows: Rows) -> None:
        """Store notes, unless they are there."""
        self._add(_ADD_NOTE, rows)

    def add_reports(self, rows: Rows) -> None:
        """Store reports, unless they are there."""
        self._add(_ADD_REPORT, rows)

    def add_objections(self, rows: Rows) -> None:
        """Store objections."""
        if found := [dict(row) for row in rows]:
            self._connection.execute(insert(ObjectionRow), found)

    def _taken(self, column: InstrumentedAttribute[str], public_ids: Collection[str]) -> set[str]:
        if not public_ids:  # nearly always
            return set()
        return set(self._connection.scalars(select(column).where(column.in_(public_ids))))

    def _add(self, statement: ByDialect, rows: Rows) -> None:
        if found := [dict(row) for row in rows]:
            self._connection.execute(self._for(statement), found)
