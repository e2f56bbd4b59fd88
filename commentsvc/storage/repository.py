"""What all repositories have: the connection of one unit of work, and short ways to run a statement on it.

Statements are built once, at the end of their module's imports, with a `bindparam` for each parameter:
SQLAlchemy compiles each once and keeps that. One that is built anew for each run costs ten times as much.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from msgspec import json
from sqlalchemy import (
    ARRAY,
    Boolean,
    Connection,
    Dialect,
    Executable,
    Insert,
    String,
    Text,
    TypeDecorator,
    bindparam,
    insert,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

from commentsvc.storage.prepared import Prepared

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

    def _run(self, statement: Executable | Prepared, /, **parameters: Any) -> None:
        """Run *statement*, which gives no rows."""
        if isinstance(statement, Prepared):
            statement.rows(self._connection, parameters)
        else:
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


def bound(table: Any, *columns: Any) -> Insert:
    """An `INSERT` with a parameter for each of *columns*, of its name."""
    return insert(table).values({column.key: bindparam(column.key) for column in columns})


def unless_there(table: Any, *given: Any) -> ByDialect:
    """An `INSERT` that does nothing where a row of the same key is there, for each database.

    :param given: columns that are given back of a row that was added.
    """
    inserts = {
        "sqlite": sqlite.insert(table).on_conflict_do_nothing(),
        "postgresql": postgresql.insert(table).on_conflict_do_nothing(),
    }
    return {name: one.returning(*given) if given else one for name, one in inserts.items()}


class StringList(TypeDecorator[list[str]]):
    """A list of texts as one parameter: an array, or JSON on SQLite, which knows no arrays."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The type it has on that database."""
        return dialect.type_descriptor(ARRAY(String()) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: list[str] | None, dialect: Dialect) -> Any:
        """The list as it is sent."""
        return value if value is None or dialect.name == "postgresql" else json.encode(value).decode()


class AnyOf(FunctionElement[bool]):
    """Whether a column is one of the texts in the parameter *name*; found by index, however many they are."""

    inherit_cache = True
    name = "any_of"
    type = Boolean()

    def __init__(self, column: Any, name: str) -> None:
        super().__init__(column, bindparam(name, type_=StringList()))

    def self_group(self, against: Any = None) -> Any:
        """Stay as it is: SQLAlchemy would write `… = 1` behind it on SQLite, and no index would do."""
        return self


@compiles(AnyOf, "postgresql")
def _in_array(element: AnyOf, compiler: SQLCompiler, **more: Any) -> str:
    column, texts = (compiler.process(part, **more) for part in element.clauses)
    return f"{column} = ANY ({texts})"


@compiles(AnyOf, "sqlite")
def _in_json(element: AnyOf, compiler: SQLCompiler, **more: Any) -> str:
    column, texts = (compiler.process(part, **more) for part in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({texts}))"  # noqa: S608 - both are SQLAlchemy's
