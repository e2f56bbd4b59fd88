"""The databases that a test's services use: SQLite unless told, or both.

A folder whose tests run on both says so in its `conftest.py`, by importing `on_both`. Those of them to which the database
makes no difference are marked `any_database`: `make test` tries them on SQLite, and `make soak` on the other.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import pytest

NewDatabase = Callable[[], AbstractContextManager[dict[str, str]]]
"""Makes an empty database for the length of a block, and gives the settings that name it."""

POSTGRESQL = pytest.param("postgresql", marks=pytest.mark.postgresql)


@pytest.fixture(scope="module", name="database")
def on_sqlite() -> NewDatabase:
    """SQLite in the data directory; the service's own choice, so no setting names it."""
    return lambda: nullcontext({})


@pytest.fixture(scope="module", name="database", params=[POSTGRESQL])
def on_postgresql(request: pytest.FixtureRequest) -> NewDatabase:
    """PostgreSQL alone, for what is about its own ways; each test may alter its tables."""
    return request.getfixturevalue("postgresql").database


@pytest.fixture(scope="module", name="database", params=["sqlite", POSTGRESQL])
def on_both(request: pytest.FixtureRequest) -> NewDatabase:
    """Each test once on either."""
    return chosen(request)


def chosen(request: pytest.FixtureRequest) -> NewDatabase:
    """The database that the parameter of a fixture names."""
    if request.param == "sqlite":
        return lambda: nullcontext({})
    return request.getfixturevalue("postgresql").emptied


def database_of(item: pytest.Item) -> str:
    """Name the database on which a test is tried, by whichever parameter says so."""
    callspec = getattr(item, "callspec", None)
    return "postgresql" if callspec and "postgresql" in callspec.params.values() else "sqlite"
