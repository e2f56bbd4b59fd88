"""A thread in pages: walking it shows every comment once; a wrong cursor is told, never a failure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.people import Json, Moderator, Reader
from tests.running_service import InProcess

ORDERS = ["oldest", "newest"]


def pages(reader: Reader, article: str = "a-1", **query: Any) -> Iterator[Json]:
    """Walk through a thread, page by page."""
    page = reader.thread(article, **query)
    yield page
    while page["next"] is not None:
        after = reader.thread(article, **query | {"cursor": page["next"]})
        assert after["next"] != page["next"], "the walk stands still"
        page = after
        yield page


def walked(reader: Reader, **query: Any) -> list[str]:
    return [comment["id"] for page in pages(reader, **query) for comment in page["comments"]]


def post_ten(reader: Reader) -> list[str]:
    """Three roots and what hangs below them; give their ids in the order of posting."""
    ids: list[str] = []
    for parent in [None, 0, None, 1, 0, None, 2, 3, 5, 1]:
        ids.append(
            reader.comment("a-1", f"number {len(ids)}", parent=None if parent is None else ids[parent])
        )
    return ids


@pytest.fixture(scope="module")
def thread_of_ten(shared_service: InProcess) -> Reader:
    """Somebody who reads a thread of ten comments, which no test changes."""
    shared_service.run("site", "add", "blog", "--origin", "https://blog.example")
    reader = shared_service.reader()
    post_ten(reader)
    reader.comment("a-2")
    reader.comment("a-1", site="blog")
    return reader


@pytest.mark.slow_on_postgresql
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("limit", range(1, 12))
def test_pages_of_any_size_together_are_the_thread(thread_of_ten: Reader, order: str, limit: int) -> None:
    whole = thread_of_ten.thread("a-1", order=order)["comments"]

    walk = list(pages(thread_of_ten, order=order, limit=limit))

    assert [comment for page in walk for comment in page["comments"]] == whole
    assert [len(page["comments"]) for page in walk[:-1]] == [limit] * (len(walk) - 1)
    assert 0 < len(walk[-1]["comments"]) <= limit
    assert {page["count"] for page in walk} == {10}


@pytest.mark.any_database
@pytest.mark.parametrize(("limit", "shown"), [("1", 1), ("01", 1), ("200", 10)])
def test_a_page_may_hold_1_to_200(thread_of_ten: Reader, limit: str, shown: int) -> None:
    assert len(thread_of_ten.thread("a-1", limit=limit)["comments"]) == shown


@pytest.mark.parametrize("order", ORDERS)
def test_what_is_posted_meanwhile_neither_hides_nor_repeats_a_comment(reader: Reader, order: str) -> None:
    ten = post_ten(reader)
    seen: list[str] = []

    for number, page in enumerate(pages(reader, order=order, limit=2)):
        seen += [comment["id"] for comment in page["comments"]]
        if number < 3:
            reader.comment("a-1", "a new root")
            reader.comment("a-1", "a reply before the cursor", parent=seen[0])
            reader.comment("a-1", "a reply to the last that was shown", parent=seen[-1])

    assert len(seen) == len(set(seen))
    assert set(ten) <= set(seen)


@pytest.mark.slow_on_postgresql
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("action", ["trash", "purge"])
def test_a_cursor_outlives_the_comment_that_it_names(
    reader: Reader, moderator: Moderator, order: str, action: str
) -> None:
    ten = post_ten(reader)
    first = reader.thread("a-1", order=order, limit=4)
    last_seen = first["comments"][-1]["id"]
    seen = [comment["id"] for comment in first["comments"]]

    moderator.decide(action, last_seen)

    rest = walked(reader, order=order, limit=4, cursor=first["next"])
    assert sorted(seen + rest) == sorted(ten)


def test_a_cursor_goes_on_with_another_page_size(thread_of_ten: Reader) -> None:
    whole = walked(thread_of_ten)

    page = thread_of_ten.thread("a-1", limit=3)
    rest = thread_of_ten.thread("a-1", limit=200, cursor=page["next"])

    assert [c["id"] for c in page["comments"] + rest["comments"]] == whole


def test_the_same_page_has_the_same_cursor(thread_of_ten: Reader) -> None:
    assert thread_of_ten.thread("a-1", limit=3)["next"] == thread_of_ten.thread("a-1", limit=3)["next"]


@pytest.mark.any_database
@pytest.mark.parametrize("path", ["/api/v1/thread", "/thread/fragment", "/thread"])
@pytest.mark.parametrize(
    "spoilt",
    [
        lambda cursor: "forged",
        lambda cursor: cursor[:-1],
        lambda cursor: cursor[: len(cursor) // 2],
        lambda cursor: cursor + "A",
        lambda cursor: cursor + "!",
        lambda cursor: cursor + "=",
        lambda cursor: " " + cursor,
        lambda cursor: cursor.swapcase(),
        lambda cursor: "A" * len(cursor),
        lambda cursor: cursor * 100,
        lambda cursor: "é",
        lambda cursor: "\0",
        lambda cursor: "1 000001",
        lambda cursor: "'; DROP TABLE comment; --",
    ],
)
def test_a_spoilt_cursor_is_named(thread_of_ten: Reader, path: str, spoilt: Callable[[str], str]) -> None:
    cursor = thread_of_ten.thread("a-1", limit=3)["next"]

    assert_names(thread_of_ten, path, "cursor", article="a-1", limit=3, cursor=spoilt(cursor))


@pytest.mark.any_database
def test_no_character_of_a_cursor_can_be_changed(thread_of_ten: Reader) -> None:
    cursor = thread_of_ten.thread("a-1", limit=3)["next"]

    for place, character in enumerate(cursor):
        other = chr(ord(character) ^ 1)
        changed = cursor[:place] + other + cursor[place + 1 :]
        assert_names(thread_of_ten, "/api/v1/thread", "cursor", article="a-1", cursor=changed)


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"article": "a-2"},
        {"article": "never seen"},
        {"article": "a-1", "order": "newest"},
        {"article": "a-1", "site": "blog"},
    ],
)
def test_a_cursor_is_good_for_its_thread_and_order_alone(thread_of_ten: Reader, elsewhere: Json) -> None:
    cursor = thread_of_ten.thread("a-1", limit=3)["next"]

    assert_names(thread_of_ten, "/api/v1/thread", "cursor", **elsewhere, cursor=cursor)


@pytest.mark.any_database
@pytest.mark.parametrize("path", ["/api/v1/thread", "/thread/fragment", "/thread"])
@pytest.mark.parametrize(
    "limit",
    ["0", "201", "-1", "x", "1e2", "1.0", " 5", "0x10", "1000000000", "0000000010000", "9" * 5000, "٣"],
)
def test_a_limit_is_a_number_from_1_to_200(thread_of_ten: Reader, path: str, limit: str) -> None:
    assert_names(thread_of_ten, path, "limit", article="a-1", limit=limit)


@pytest.mark.any_database
@pytest.mark.parametrize("order", ["x", "OLDEST", "oldest ", "best", "\0"])
def test_an_order_is_oldest_or_newest(thread_of_ten: Reader, order: str) -> None:
    assert_names(thread_of_ten, "/api/v1/thread", "order", article="a-1", order=order)


@pytest.mark.any_database
def test_all_that_is_wrong_with_a_page_is_told_at_once(thread_of_ten: Reader) -> None:
    assert_names(thread_of_ten, "/api/v1/thread", "order", "limit", article="a-1", order="x", limit="0")


def assert_names(reader: Reader, path: str, *fields: str, **query: Any) -> None:
    """The request is refused, and exactly these of its parameters are named."""
    answer = reader.get(path, **query)

    assert answer.status_code == 422, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"].endswith("/invalid")
    assert set(problem["errors"]) == set(fields)
