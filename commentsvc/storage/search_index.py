"""The index of trigrams on PostgreSQL, which only a server with the extension `pg_trgm` has.

SQLite's is made by the migration, as every SQLite that Python comes with can.
"""

from __future__ import annotations

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from commentsvc.storage.tables import SearchTextRow

NAME = "ix_search_text_trigrams"
IS_THERE = text("SELECT to_regclass(:name) IS NOT NULL")
FOLDS_ASCII_ALONE = {"C", "POSIX"}  # as LC_CTYPE: pg_trgm drops every other letter then


def create(connection: Connection) -> None:
    """Make the index, with its extension, where neither is there and the server lets us; searches work without."""
    if connection.dialect.name != "postgresql" or not inspect(connection).has_table(
        SearchTextRow.__tablename__
    ):
        return
    if is_there(connection):
        return
    try:
        with connection.begin_nested():
            connection.execute(text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
            connection.execute(text(f"CREATE INDEX {NAME} ON search_text USING gin (folded gin_trgm_ops)"))
    except DBAPIError:
        return  # `commentsvc doctor` tells it, and what to do


def is_there(connection: Connection) -> bool:
    """Whether PostgreSQL has the index."""
    return bool(connection.scalar(IS_THERE, {"name": NAME}))


def fault(connection: Connection) -> str | None:
    """What makes searches slow, None if nothing does."""
    if connection.dialect.name != "postgresql":
        return None
    if not is_there(connection):
        return (
            "searches have no index; let a superuser run in this database: CREATE EXTENSION pg_trgm; "
            "then run: commentsvc db upgrade"
        )
    if letters_of(connection) in FOLDS_ASCII_ALONE:
        return (
            "searches in other scripts than Latin have no index, since its LC_CTYPE is C; "
            "make another: createdb --locale C.UTF-8 --template template0"
        )
    return None


def letters_of(connection: Connection) -> str:
    """The LC_CTYPE of PostgreSQL's database."""
    asked = text("SELECT datctype FROM pg_database WHERE datname = current_database()")
    return str(connection.scalar(asked))
