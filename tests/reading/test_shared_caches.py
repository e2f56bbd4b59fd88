"""What shared caches are told: to ask each time, unless the operator lets them answer for some seconds."""

from __future__ import annotations

import pytest

from tests.conftest import MakeService

PUBLIC = [
    "/api/v1/thread?article=a",
    "/thread/fragment?article=a",
    "/feeds/site.atom",
    "/api/v1/counts?article=a",
]


@pytest.mark.parametrize("path", PUBLIC)
@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, "public, max-age=0, must-revalidate"),
        (
            {"SHARED_MAX_AGE": "10", "STALE_SECONDS": "30"},
            "public, max-age=0, s-maxage=10, stale-while-revalidate=30, stale-if-error=30",
        ),
        (
            {"SHARED_MAX_AGE": "10", "STALE_SECONDS": "0"},
            "public, max-age=0, s-maxage=10, stale-while-revalidate=0, stale-if-error=0",
        ),
    ],
    ids=["unless told", "both", "never stale"],
)
def test_how_long_a_shared_cache_may_answer(
    make_service: MakeService, settings: dict[str, str], told: str, path: str
) -> None:
    http = make_service(**settings).http()

    rendered, cached = http.get(path), http.get(path)
    unchanged = http.get(path, headers={"If-None-Match": cached.headers["ETag"]})

    assert unchanged.status_code == 304
    assert {answer.headers["Cache-Control"] for answer in (rendered, cached, unchanged)} == {told}


@pytest.mark.parametrize(
    "path", ["/api/v1/form?article=a", "/thread?article=a", "/api/v1/comments/none", "/healthz"]
)
def test_what_is_for_one_reader_is_kept_by_no_cache(make_service: MakeService, path: str) -> None:
    answer = make_service(SHARED_MAX_AGE="10").http().get(path)

    assert answer.headers["Cache-Control"] == "no-store"
