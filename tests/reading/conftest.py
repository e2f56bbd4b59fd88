"""What these tests say holds on both databases, with answers that are kept and without."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.databases import POSTGRESQL, NewDatabase, chosen


@pytest.fixture(scope="module", params=["kept", "rendered"])
def answers(request: pytest.FixtureRequest) -> dict[str, str]:
    """Whether answers are kept, or each is rendered anew."""
    return {} if request.param == "kept" else {"CACHE_BYTES": "0"}


@pytest.fixture(scope="module", name="database", params=["sqlite", POSTGRESQL])
def on_both(request: pytest.FixtureRequest, answers: dict[str, str]) -> NewDatabase:
    """Each test four times."""
    empty = chosen(request)

    @contextmanager
    def database() -> Iterator[dict[str, str]]:
        with empty() as where:
            yield where | answers

    return database
