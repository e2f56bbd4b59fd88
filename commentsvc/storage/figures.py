"""Figures of decisions, as they are added up by day, and comments by the day on which they were posted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, String, bindparam, func, select, type_coerce, update
from sqlalchemy.dialects import postgresql, sqlite

from commentsvc.model import State
from commentsvc.records import Earlier, Figure, JudgedComment
from commentsvc.storage.repository import Repository, unless_there
from commentsvc.storage.tables import CommentRow, DecisionRow, FigureProgressRow, FigureRow

_JUDGED = (
    select(
        DecisionRow.id,
        DecisionRow.position,
        DecisionRow.site_id,
        DecisionRow.comment,
        DecisionRow.decided_at,
        DecisionRow.by,
        DecisionRow.by_name,
        DecisionRow.action,
        DecisionRow.from_state,
        DecisionRow.undoes,
        CommentRow.findings,
        CommentRow.posted_at,
    )
    .outerjoin(CommentRow, CommentRow.public_id == DecisionRow.comment)
    .where(DecisionRow.position > bindparam("position"))
    .order_by(DecisionRow.position)
    .limit(bindparam("most", type_=Integer))
)
_EARLIER = select(
    DecisionRow.comment, DecisionRow.id, DecisionRow.decided_at, DecisionRow.by, DecisionRow.to_state
)
_PROGRESS = select(FigureProgressRow.position)
_BEGIN = unless_there(FigureProgressRow)
_ADVANCE = update(FigureProgressRow).values(position=bindparam("new_position"))
_KEY = (FigureRow.site_id, FigureRow.what, FigureRow.day, FigureRow.name)


def _add(insert: Any) -> Any:
    added = {"count": FigureRow.count + insert.excluded.count, "label": insert.excluded.label}
    return insert.on_conflict_do_update(index_elements=_KEY, set_=added)


_ADD = {"sqlite": _add(sqlite.insert(FigureRow)), "postgresql": _add(postgresql.insert(FigureRow))}
# The day of a time in UTC: SQLite's times are texts.
_DAYS = {
    "sqlite": func.substr(type_coerce(CommentRow.posted_at, String), 1, 10),
    "postgresql": func.to_char(func.timezone("UTC", CommentRow.posted_at), "YYYY-MM-DD"),
}


class Figures(Repository):
    """What was counted of decisions up to a place in the audit log, and what comes behind it."""

    def progress(self) -> int:
        """The place up to which decisions are counted."""
        row = self._first(_PROGRESS)
        return 0 if row is None else int(row[0])

    def judged_after(self, position: int, most: int) -> list[JudgedComment]:
        """The decisions behind that place, in their order; what was erased has no findings any more."""
        rows = self._rows(_JUDGED, position=position, most=most)
        return [JudgedComment(*row)._replace(findings=row.findings or ()) for row in rows]

    def earlier(self, comments: Collection[str]) -> dict[str, list[Earlier]]:
        """All decisions about those comments, in the order in which they were made, by the comment's public id."""
        lines: dict[str, list[Earlier]] = defaultdict(list)
        for comment, *line in self._rows(_EARLIER.where(DecisionRow.comment.in_(comments))):
            lines[comment].append(Earlier(*line))
        return {comment: sorted(found, key=_row_id) for comment, found in lines.items()}

    def add(self, counted: Mapping[Figure, int], names: Mapping[str, str], position: int) -> None:
        """Add what was counted up to that place; *names* says who is called what."""
        if self._first(_PROGRESS) is None:
            self._connection.execute(self._for(_BEGIN), {"id": 1, "position": 0})
        rows = [
            figure._asdict() | {"label": names.get(figure.name), "count": count}
            for figure, count in sorted(counted.items())
        ]
        if rows:
            self._connection.execute(self._for(_ADD), rows)
        self._run(_ADVANCE, new_position=position)

    def since(self, sites: Collection[int], what: str, day: str) -> list[tuple[str, str | None, int]]:
        """What was counted of those sites since that day: by what it is told apart, its label, how many."""
        rows = (
            select(FigureRow.name, func.max(FigureRow.label), func.sum(FigureRow.count))
            .where(FigureRow.site_id.in_(sites), FigureRow.what == what, FigureRow.day >= day)
            .group_by(FigureRow.name)
        )
        return [(name, label, int(count)) for name, label, count in self._rows(rows)]

    def by_year(self, sites: Collection[int], what: str) -> dict[tuple[int, str], int]:
        """What was counted of those sites, by the year and by what it is told apart."""
        year = func.substr(FigureRow.day, 1, 4)
        rows = (
            select(year, FigureRow.name, func.sum(FigureRow.count))
            .where(FigureRow.site_id.in_(sites), FigureRow.what == what)
            .group_by(year, FigureRow.name)
        )
        return {(int(year), name): int(count) for year, name, count in self._rows(rows)}

    def comments_by_day(self, sites: Collection[int], since: datetime) -> dict[tuple[str, State], int]:
        """How many comments of those sites were posted since then, by the day and the state they are in now.

        It reads an index alone, an entry for each comment of that time.
        """
        day = _DAYS[self._connection.dialect.name]
        rows = (
            select(day, CommentRow.state, func.count())
            .where(CommentRow.site_id.in_(sites), CommentRow.posted_at >= since)
            .group_by(day, CommentRow.state)
        )
        return {(day, state): int(count) for day, state, count in self._rows(rows)}


def _row_id(line: Earlier) -> int:
    return line.row_id
