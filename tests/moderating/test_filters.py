"""`GET /api/v1/moderation/comments`: filters by check, author, links and time, as a query and as JSON."""

from __future__ import annotations

import pytest

from commentsvc.records import Filter
from tests.people import Json, Moderator, Reader
from tests.running_service import InProcess


def searched(moderator: Moderator, **fields: object) -> list[Json]:
    answer = moderator.request("POST", "/comments/search", json=fields)
    assert answer.status_code == 200, answer.text
    return answer.json()["comments"]


def test_what_a_check_found_something_about(service: InProcess, reader: Reader, moderator: Moderator) -> None:
    service.run("site", "set", "default", "--moderation", "first")
    held = reader.comment("a")
    service.run("site", "set", "default", "--moderation", "none")
    reader.comment("a", "Another.")
    (finding,) = moderator.queue(state="pending")[0]["findings"]

    assert [one["id"] for one in moderator.queue(check=finding["check"])] == [held]
    assert moderator.queue(check="of-nobody") == []
    assert moderator.queue(check='x", "outcome": "hold') == []


def test_one_author(reader: Reader, moderator: Moderator) -> None:
    reader.author_key = reader.posted("a")["author_key"]
    second = reader.comment("b")
    Reader(reader.http).comment("b", "Somebody else.")
    author = next(one["author_id"] for one in moderator.queue() if one["id"] == second)

    assert [one["article"] for one in moderator.queue(author=author)] == ["a", "b"]
    assert [one["article"] for one in moderator.queue(author=author, article="b")] == ["b"]
    assert moderator.queue(author="nobody") == []


def test_as_json_the_fields_are_the_same(reader: Reader, moderator: Moderator) -> None:
    linked = reader.comment("a", "See <https://shop.example/>.")
    reader.comment("a", "No link.")

    assert [one["id"] for one in searched(moderator, links=True, order="newest")] == [linked]
    assert len(searched(moderator, links=False)) == 2


@pytest.mark.parametrize(
    "query",
    [
        {"since": "yesterday"},
        {"until": "2026-11-01T08:00:00"},
        {"since": "2026-13-01T08:00:00Z"},
        {"since": "0001-01-01T00:00:00+23:59"},
        {"until": "9999-12-31T23:59:59-23:59"},
        {"order": "best"},
        {"links": "yes"},
    ],
)
def test_what_cannot_be_read_is_told_at_its_field(moderator: Moderator, query: Json) -> None:
    answer = moderator.request("GET", "/comments", params=query)

    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == list(query)


def test_a_cursor_is_good_for_its_order_alone(reader: Reader, moderator: Moderator) -> None:
    for number in range(3):
        reader.comment("a", f"Number {number}.")
    cursor = moderator.request("GET", "/comments", params={"limit": 1}).json()["next"]

    answer = moderator.request("GET", "/comments", params={"limit": 1, "order": "newest", "cursor": cursor})

    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["cursor"])


def test_who_moderates_no_site_finds_nothing_by_any_filter(service: InProcess, reader: Reader) -> None:
    reader.comment("a", "See <https://shop.example/>.")
    author = service.moderator().queue()[0]["author_id"]
    work_filters = [Filter(sites=frozenset()), Filter(sites=frozenset(), author=author)]

    with service.ours.reading() as work:
        listed = [work.queue.listed(filters, None, 10) for filters in work_filters]

    assert listed == [([], None)] * 2
