"""What these tests say holds on both databases, and whether answers are kept or each is rendered anew."""

from __future__ import annotations

from contextlib import nullcontext

import pytest

from tests.databases import POSTGRESQL, NewDatabase, chosen

RENDERED = "rendered"


@pytest.fixture(scope="module", name="database", params=["sqlite", POSTGRESQL, RENDERED])
def on_both_and_rendered(request: pytest.FixtureRequest) -> NewDatabase:
    """Each test thrice."""
    return lambda: nullcontext({"CACHE_BYTES": "0"}) if request.param == RENDERED else chosen(request)()
