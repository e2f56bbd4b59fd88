"""What all repositories have: the connection of one unit of work, and short ways to run a statement on it.

Constant statements are built once, when their module is imported, with a `bindparam` for each parameter: SQLAlchemy
compiles each once and keeps that. One that is built for each run costs several times as much. Those of every miss and
every post are `Prepared`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, Insert, insert
from sqlalchemy.dialects import postgresql, sqlite

from commentsvc.storage.prepared import Prepared

ROWS_A_STATEMENT = 50

ByDialect = Mapping[str, Insert]


class Repository:
    """What is stored of one kind, within one unit of work."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def _rows(self, statement: Executable | Prepared, /, **parameters: Any) -> Sequence[Any]:
        """Run *statement*, and give all rows."""
        if isinstance(statement, Prepared):
            return statement.rows(self._connection, parameters)
        return self._connection.execute(statement, parameters).all()

    def _first(self, statement: Executable | Prepared, /, **parameters: Any) -> Any | None:
        """Run *statement*, and give the first row, if there is any."""
        rows = self._rows(statement, **parameters)
        return rows[0] if rows else None

    def _run(self, statement: Executable, /, **parameters: Any) -> None:
        """Run *statement*, which gives no rows."""
        self._connection.execute(statement, parameters)

    def _insert(self, table: Any, /, **columns: Any) -> None:
        """Add one row to *table*."""
        self._connection.execute(_insert_into(table), columns)

    def _for(self, statements: ByDialect) -> Insert:
        """The one for this database."""
        return statements[self._connection.dialect.name]


@cache
def _insert_into(table: Any) -> Insert:
    return insert(table)


def unless_there(table: Any, *given: Any) -> ByDialect:
    """An `INSERT` that does nothing where a row of the same key is there, for each database.

    :param given: columns that are given back of a row that was added.
    """
    inserts = {
        "sqlite": sqlite.insert(table).on_conflict_do_nothing(),
        "postgresql": postgresql.insert(table).on_conflict_do_nothing(),
    }
    return {name: one.returning(*given) if given else one for name, one in inserts.items()}


def in_many_rows(statement: Insert, given: Any) -> Insert:
    """*statement*, as one that adds up to `ROWS_A_STATEMENT` rows at once: SQLAlchemy does so where a column is *given* back.

    SQLite keeps for each statement with triggers or foreign keys the pages that it may have to take back, and the index
    of words is written at its end: for each row alone that takes as long as all else. It prepares one of so many rows once.
    """
    return statement.returning(given).execution_options(insertmanyvalues_page_size=ROWS_A_STATEMENT)
