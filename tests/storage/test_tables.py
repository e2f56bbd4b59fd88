"""The migrations make what the tables say, on both databases."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, create_engine

from commentsvc.storage.tables import Base
from tests.databases import on_both
from tests.running_service import InProcess, make_in_process
from tests.storage.plans import engine_of

__all__ = ["on_both"]


def is_comparable(_object: Any, name: str | None, *_more: Any) -> bool:
    # Alembic cannot read an index with DESC back from SQLite; `first_site` is how the tests begin anew. The indexes
    # of words are each database's own.
    return name not in {"ix_comment_shown_newest", "first_site", "ix_search_text_trigrams"} and not str(
        name
    ).startswith("search_index")


def indexes(engine: Engine) -> set[str]:
    """How SQLite's indexes were made, word for word: their order, their conditions."""
    with closing(engine.raw_connection()) as connection:
        made = connection.cursor().execute("SELECT sql FROM sqlite_master WHERE type = 'index'").fetchall()
    return {text.replace('"', "") for (text,) in made if text is not None}


def test_the_migrations_make_the_tables_that_the_program_knows(service: InProcess) -> None:
    with engine_of(service).connect() as connection:
        options = {"compare_type": True, "include_object": is_comparable}
        there = MigrationContext.configure(connection, opts=options)

        assert compare_metadata(there, Base.metadata) == []


def test_sqlite_has_the_indexes_that_the_program_knows(tmp_path: Path, template: Path) -> None:
    service = make_in_process(tmp_path, template)
    known = create_engine("sqlite://")
    Base.metadata.create_all(known)

    assert indexes(engine_of(service)) == indexes(known)
    known.dispose()
    service.close()
