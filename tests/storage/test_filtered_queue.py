"""What moderators list: every comment that matches, once, in order, whatever is asked for together."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bench.seed import default_site
from commentsvc.actions.bulk_insert import ImportedComment, load
from commentsvc.model import State
from commentsvc.privacy.sealing import seal
from commentsvc.storage import queue
from tests.conftest import MakeService
from tests.databases import on_both
from tests.people import Json, Moderator
from tests.running_service import InProcess

__all__ = ["on_both"]

BEGAN = datetime(2026, 11, 1, 8, tzinfo=UTC)
TEXTS = ["Snow in May.", "A [link](https://shop.example/) for you.", "100% sure_about this\\that."]
FILTERS: dict[str, list[Json]] = {
    "state": [{}, {"state": "pending"}, {"state": ["spam", "approved"]}],
    "words": [{}, {"q": "snow"}, {"q": "%"}, {"q": "t_"}, {"q": "nothing of that"}, {"q": "zz"}],
    "links": [{}, {"links": "1"}],
    "times": [{}, {"since": "2026-11-01T08:00:10Z", "until": "2026-11-01T09:00:40+01:00"}],
    "author": [{}, {"author": "author-1"}],
    "article": [{}, {"article": "b"}],
    "network": [{}, {"network": "192.0.2.7"}],
}


def comments() -> list[ImportedComment]:
    return [
        ImportedComment(
            article="ab"[number % 2],
            key=f"key {number}",
            parent=None,
            author_id=f"author-{number % 3}",
            name=f"Reader {number % 3}",
            email=f"reader-{number % 3}@paper.example",
            url=None,
            text=TEXTS[number % len(TEXTS)],
            posted_at=BEGAN + timedelta(seconds=number),
            state=list(State)[number % 4],
        )
        for number in range(60)
    ]


def walked(moderator: Moderator, **query: Any) -> list[Json]:
    """All pages."""
    listed: list[Json] = []
    cursor: dict[str, str] = {}
    for _ in range(200):
        answer = moderator.request("GET", "/comments", params=query | cursor)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert len(page["comments"]) <= int(query.get("limit", 50))
        listed += page["comments"]
        if page["next"] is None:
            return listed
        cursor = {"cursor": page["next"]}
    raise AssertionError("the list has no end")


@pytest.fixture
def service(make_service: MakeService) -> InProcess:
    """One that waits for a busy database."""
    return make_service(DATABASE_TIMEOUT="60")


def keep_networks(service: InProcess, moderator: Moderator) -> None:
    """Let two of five comments have one of a few networks."""
    listed = walked(moderator, limit="200")
    with service.ours.unit_of_work() as work:
        for number, comment in enumerate(listed):
            if number % 5 > 2:
                network = f"192.0.{2 + number % 2}.0/24"
                sealed = seal(network, comment["id"], service.ours.address_keys)
                row = work.comments.by_public_id(comment["id"])
                assert row is not None
                work.networks.add(row.id, 1, sealed.sealed, sealed.lookup, BEGAN)


def matches(comment: Json, query: Json) -> bool:
    states = query.get("state", [])
    return (
        (not states or comment["state"] in states)
        and query.get("q", "").lower() in comment["text"].lower()
        and ("links" not in query or "<a " in comment["html"])
        and ("since" not in query or "2026-11-01T08:00:10Z" <= comment["posted_at"] < "2026-11-01T08:00:40Z")
        and query.get("author", comment["author_id"]) == comment["author_id"]
        and query.get("article", comment["article"]) == comment["article"]
        and ("network" not in query or comment["network"] == "192.0.2.0/24")
    )


@pytest.mark.slow_on_postgresql
@pytest.mark.parametrize(
    ("scanned", "each"),
    # Each 21st combination: they have each value of a filter beside each value of the others.
    [(7, 21), pytest.param(7, 1, marks=pytest.mark.soak), pytest.param(20_000, 1, marks=pytest.mark.soak)],
)
def test_every_match_is_listed_once_and_in_order(
    service: InProcess, moderator: Moderator, scanned: int, each: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(service.ours, default_site(service.ours), comments())
    keep_networks(service, moderator)
    everything = walked(moderator, limit="200")
    assert len(everything) == 60
    monkeypatch.setattr(queue, "SCANNED", scanned)

    for chosen in list(itertools.product(*FILTERS.values()))[::each]:
        query: Json = {name: value for part in chosen for name, value in part.items()}
        expected = [one["id"] for one in everything if matches(one, query)]

        oldest = walked(moderator, limit="9", **query)
        newest = walked(moderator, limit="9", order="newest", **query)

        assert [one["id"] for one in oldest] == expected, query
        assert [one["id"] for one in newest] == expected[::-1], query


def test_a_page_looks_at_a_bounded_number_of_comments(
    service: InProcess, moderator: Moderator, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(service.ours, default_site(service.ours), comments())
    monkeypatch.setattr(queue, "SCANNED", 10)

    answer = moderator.request("GET", "/comments", params={"q": "zz", "state": "pending"}).json()

    assert answer["comments"] == []
    assert answer["next"] is not None
