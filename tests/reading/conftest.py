"""What these tests say holds on both databases, and whether answers are cached or each is rendered for itself."""

from __future__ import annotations

from contextlib import nullcontext

import pytest

from tests.databases import POSTGRESQL, NewDatabase, chosen

RENDERED = "rendered"
# `test_kept_answers.py` compares the bytes of both in `make test`.
IN_SOAK = pytest.param(RENDERED, marks=pytest.mark.soak)


@pytest.fixture(scope="module", name="database", params=["sqlite", POSTGRESQL, IN_SOAK])
def on_both_and_rendered(request: pytest.FixtureRequest) -> NewDatabase:
    """Each test three times."""
    return lambda: nullcontext({"CACHE_BYTES": "0"}) if request.param == RENDERED else chosen(request)()
