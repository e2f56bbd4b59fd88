"""A thread as JSON: its shape, its order, and what of a removed comment stays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import Row, select

from commentsvc.storage.tables import Base
from tests.people import Json, Moderator, Reader
from tests.running_service import InProcess


def discussion(reader: Reader) -> dict[str, str]:
    """Two roots, each answered and answered again, posted crosswise; ids by text."""
    ids: dict[str, str] = {}
    for text, parent in [
        ("A", ""),
        ("B", ""),
        ("b1", "B"),
        ("a1", "A"),
        ("a2", "A"),
        ("a1x", "a1"),
        ("b2", "B"),
    ]:
        ids[text] = reader.comment("a-1", text, parent=ids.get(parent))
    return ids


def test_a_thread_has_the_shape_of_the_contract(service: InProcess, reader: Reader) -> None:
    first = reader.comment("a-1", "First.")
    service.clock.move(minutes=5)
    reply = reader.posted("a-1", "Reply.", parent=first, name="Bo", url="https://bo.example/")
    service.clock.move(minutes=5)
    reader.edit(reply["comment"]["id"], reply["edit_key"], "Better reply.")

    thread = reader.thread("a-1")

    permalinks = [comment.pop("permalink") for comment in thread["comments"]]
    assert all(link.startswith("http://127.0.0.1:5000/thread?") for link in permalinks)
    assert thread == {
        "site": "default",
        "article": "a-1",
        "title": None,
        "url": None,
        "open": True,
        "slow_mode_seconds": None,
        "count": 2,
        "comments": [
            {
                "id": first,
                "parent": None,
                "depth": 0,
                "author": {"name": "Ada Sample", "url": None},
                "html": "<p>First.</p>",
                "posted_at": "2026-11-24T09:00:00Z",
                "edited_at": None,
                "removed": False,
                "replies": 1,
                "pinned": False,
                "locked": False,
                "staff": False,
            },
            {
                "id": reply["comment"]["id"],
                "parent": first,
                "depth": 1,
                "author": {"name": "Bo", "url": "https://bo.example/"},
                "html": "<p>Better reply.</p>",
                "posted_at": "2026-11-24T09:05:00Z",
                "edited_at": "2026-11-24T09:10:00Z",
                "removed": False,
                "replies": 0,
                "pinned": False,
                "locked": False,
                "staff": False,
            },
        ],
        "next": None,
    }


def test_an_article_nobody_commented_on_has_an_empty_thread(reader: Reader) -> None:
    assert reader.thread("never seen") == {
        "site": "default",
        "article": "never seen",
        "title": None,
        "url": None,
        "open": True,
        "slow_mode_seconds": None,
        "count": 0,
        "comments": [],
        "next": None,
    }


@pytest.mark.parametrize(
    "path",
    ["/api/v1/thread", "/api/v1/form", "/api/v1/counts", "/thread/fragment", "/thread", "/feeds/thread.atom"],
)
def test_reading_writes_nothing(service: InProcess, reader: Reader, path: str) -> None:
    def stored() -> list[Sequence[Row[Any]]]:
        with service.ours.database.engine.connect() as connection:
            tables = [table for table in Base.metadata.sorted_tables if table.name != "rate_hit"]
            return [
                connection.execute(select(table)).all() for table in tables
            ]  # a read counts, wherever that is

    before = stored()

    assert reader.get(path, article="never seen").status_code == 200

    assert stored() == before


@pytest.mark.parametrize(
    ("order", "texts"),
    [
        ({}, ["A", "a1", "a1x", "a2", "B", "b1", "b2"]),
        ({"order": "oldest"}, ["A", "a1", "a1x", "a2", "B", "b1", "b2"]),
        ({"order": "newest"}, ["B", "b1", "b2", "A", "a1", "a1x", "a2"]),
    ],
)
def test_roots_follow_the_order_and_replies_are_always_oldest_first(
    reader: Reader, order: Json, texts: list[str]
) -> None:
    discussion(reader)

    assert reader.texts("a-1", **order) == texts


def test_each_comment_says_its_depth_its_parent_and_its_replies(reader: Reader) -> None:
    ids = discussion(reader)

    shown = reader.thread("a-1")["comments"]

    assert [(c["depth"], c["parent"], c["replies"]) for c in shown] == [
        (0, None, 3),
        (1, ids["A"], 1),
        (2, ids["a1"], 0),
        (1, ids["A"], 0),
        (0, None, 2),
        (1, ids["B"], 0),
        (1, ids["B"], 0),
    ]


@pytest.mark.slow_on_postgresql
def test_comments_of_the_same_instant_keep_the_order_in_which_they_came(reader: Reader) -> None:
    texts = [f"number {number}" for number in range(12)]
    for text in texts:
        reader.comment("a-1", text)

    assert reader.texts("a-1") == texts
    assert reader.texts("a-1", order="newest") == texts[::-1]


@pytest.mark.parametrize("action", ["hold", "spam", "trash", "purge"])
def test_a_removed_comment_with_replies_keeps_its_place(
    reader: Reader, moderator: Moderator, action: str
) -> None:
    ids = discussion(reader)

    moderator.decide(action, ids["a1"])

    thread = reader.thread("a-1")
    placeholder = thread["comments"][1]
    assert placeholder.pop("permalink")
    assert placeholder == {
        "id": ids["a1"],
        "parent": ids["A"],
        "depth": 1,
        "author": None,
        "html": "",
        "posted_at": "2026-11-24T09:00:00Z",
        "edited_at": None,
        "removed": True,
        "replies": 1,
        "pinned": False,
        "locked": False,
        "staff": False,
    }
    assert thread["count"] == 6
    assert [c["replies"] for c in thread["comments"]] == [2, 1, 0, 0, 2, 0, 0]


@pytest.mark.parametrize("action", ["hold", "spam", "trash", "purge"])
def test_a_removed_comment_without_replies_is_gone(reader: Reader, moderator: Moderator, action: str) -> None:
    ids = discussion(reader)

    moderator.decide(action, ids["a1x"])

    assert reader.texts("a-1") == ["A", "a1", "a2", "B", "b1", "b2"]


def test_a_placeholder_goes_with_its_last_public_reply(reader: Reader, moderator: Moderator) -> None:
    ids = discussion(reader)
    moderator.decide("trash", ids["a1"])

    moderator.decide("trash", ids["a1x"])

    assert reader.texts("a-1") == ["A", "a2", "B", "b1", "b2"]


def test_a_placeholder_of_a_placeholder_stays_for_what_is_public_below(
    reader: Reader, moderator: Moderator
) -> None:
    ids = discussion(reader)

    moderator.decide("trash", ids["A"], ids["a1"], ids["a2"])

    shown = reader.thread("a-1")["comments"]
    assert [(c["id"], c["removed"]) for c in shown[:3]] == [
        (ids["A"], True),
        (ids["a1"], True),
        (ids["a1x"], False),
    ]


def test_what_is_approved_again_comes_back_where_it_was(reader: Reader, moderator: Moderator) -> None:
    ids = discussion(reader)
    before = reader.thread("a-1")
    moderator.decide("trash", *ids.values())
    assert reader.thread("a-1")["comments"] == []

    moderator.decide("approve", *reversed(ids.values()))

    assert reader.thread("a-1") == before


def test_a_comment_that_waits_is_nowhere_to_be_seen(service: InProcess, reader: Reader) -> None:
    service.moderator().decide("hold", reader.comment("a-1", "Waits."))

    for path in ["/api/v1/thread", "/thread/fragment", "/thread", "/feeds/thread.atom", "/feeds/site.atom"]:
        assert "Waits." not in reader.get(path, article="a-1").text


def test_a_title_is_shown_once_a_moderator_has_set_it(reader: Reader, moderator: Moderator) -> None:
    reader.comment("a-1", title="What a form claims", page_url="http://127.0.0.1:5000/post")
    claimed = reader.thread("a-1")

    moderator.set_thread("a-1", title="A headline", url="https://paper.example/post")

    set_ = reader.thread("a-1")
    assert (claimed["title"], claimed["url"]) == (None, None)
    assert (set_["title"], set_["url"]) == ("A headline", "https://paper.example/post")


def test_a_closed_thread_says_so(reader: Reader, moderator: Moderator) -> None:
    reader.comment("a-1")

    moderator.set_thread("a-1", open=False)

    assert reader.thread("a-1")["open"] is False
    assert reader.thread("a-1")["count"] == 1


def test_sites_have_threads_of_their_own(service: InProcess, reader: Reader) -> None:
    service.run("site", "add", "blog", "--origin", "https://blog.example")
    reader.comment("a-1", "On the default site.")
    reader.comment("a-1", "On the blog.", site="blog")

    assert reader.texts("a-1") == ["On the default site."]
    assert reader.texts("a-1", site="blog") == ["On the blog."]
    assert reader.thread("a-1", site="blog")["site"] == "blog"


@pytest.mark.any_database
@pytest.mark.parametrize("slug", ["unknown", "BLOG", "a/b", "%00", "x" * 300])
@pytest.mark.parametrize("path", ["/api/v1/thread", "/api/v1/counts", "/thread", "/feeds/site.atom"])
def test_an_unknown_site_is_not_found(shared_service: InProcess, path: str, slug: str) -> None:
    answer = shared_service.reader().get(path, article="a-1", site=slug)

    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
