"""How many comments of each site are in each state, counted as they change."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects import postgresql, sqlite

from commentsvc.model import State
from commentsvc.storage.repository import Repository
from commentsvc.storage.tables import CommentCountRow, CommentRow

PARTS = 16  # of a count: writers take one at random, so that few wait for each other
_KEY = (CommentCountRow.site_id, CommentCountRow.state, CommentCountRow.part)


def _add(insert: Any) -> Any:
    return insert.on_conflict_do_update(
        index_elements=_KEY, set_={"count": CommentCountRow.count + insert.excluded.count}
    )


_ADD = {
    "sqlite": _add(sqlite.insert(CommentCountRow)),
    "postgresql": _add(postgresql.insert(CommentCountRow)),
}


class CommentCounts(Repository):
    """Comments by site and state, erased ones apart. What is added is written at the end of the unit of work."""

    __slots__ = ("_more",)

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._more: Counter[tuple[int, State]] = Counter()

    def add(self, site_id: int, state: State, more: int) -> None:
        """Let there be *more* comments of that site in that state."""
        self._more[site_id, state] += more

    def write(self) -> None:
        """Write what was added. All writers go through the rows in one order, so two never wait for each other."""
        part = random.randrange(PARTS)  # noqa: S311 - no secret
        rows = [
            {"site_id": site_id, "state": state, "part": part, "count": more}
            for (site_id, state), more in sorted(self._more.items())
            if more
        ]
        self._more.clear()
        if rows:
            self._connection.execute(self._for(_ADD), rows)

    def by_state(self, sites: frozenset[int] | None) -> dict[State, int]:
        """How many comments those sites have in each state; *sites* None means all. It reads a few rows a site."""
        counted = select(CommentCountRow.state, func.sum(CommentCountRow.count)).group_by(
            CommentCountRow.state
        )
        if sites is not None:
            counted = counted.where(CommentCountRow.site_id.in_(sites))
        found = {state: int(count) for state, count in self._connection.execute(counted)}
        return {state: found.get(state, 0) for state in State}

    def miscounted(self) -> int:
        """How many sites and states have another number of comments than is written: looks at every comment."""
        written = {
            (site_id, state): count
            for site_id, state, count in self._connection.execute(
                select(
                    CommentCountRow.site_id, CommentCountRow.state, func.sum(CommentCountRow.count)
                ).group_by(CommentCountRow.site_id, CommentCountRow.state)
            )
            if count
        }
        counted = {
            (site_id, state): count
            for site_id, state, count in self._connection.execute(
                select(CommentRow.site_id, CommentRow.state, func.count())
                .where(CommentRow.erased_at.is_(None))
                .group_by(CommentRow.site_id, CommentRow.state)
            )
        }
        return len(dict(written.items() ^ counted.items()))
