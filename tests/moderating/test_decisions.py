"""`POST /api/v1/moderation/decisions`: from each state to each, once, and saying what it did."""

from __future__ import annotations

from typing import Any

import pytest

from tests.people import Moderator, Reader

TO = {"approve": "approved", "hold": "pending", "spam": "spam", "trash": "trash"}


@pytest.mark.parametrize("before", TO)
@pytest.mark.parametrize("action", TO)
def test_each_action_leads_from_each_state_to_its_own(
    reader: Reader, moderator: Moderator, before: str, action: str
) -> None:
    comment = reader.comment("a")
    moderator.decide(before, comment)

    answer = moderator.decide(action, comment)

    decision = answer["decided"][0].pop("decision")
    assert answer == {"decided": [{"id": comment, "from": TO[before], "to": TO[action]}], "missing": []}
    assert (decision is None) is (before == action)
    assert moderator.queue()[0]["state"] == TO[action]
    assert reader.thread("a")["count"] == (1 if action == "approve" else 0)


@pytest.mark.parametrize("action", TO)
def test_a_decision_sent_again_changes_nothing_and_says_so(
    reader: Reader, moderator: Moderator, action: str
) -> None:
    comment = reader.comment("a")
    moderator.decide(action, comment)
    log = moderator.request("GET", "/decisions").json()
    seen = reader.get("/api/v1/thread", article="a")

    again = moderator.decide(action, comment)

    unchanged = {"id": comment, "from": TO[action], "to": TO[action], "decision": None}
    assert again["decided"] == [unchanged]
    assert moderator.request("GET", "/decisions").json() == log
    assert reader.get("/api/v1/thread", article="a").headers["ETag"] == seen.headers["ETag"]


def test_ids_that_there_are_not_are_named_and_the_others_decided(
    reader: Reader, moderator: Moderator
) -> None:
    first, second = reader.comment("a"), reader.comment("b")

    answer = moderator.decide("spam", "nothing", first, "x'--", second, first)

    assert [decided["id"] for decided in answer["decided"]] == [first, second]
    assert answer["missing"] == ["nothing", "x'--"]


def test_a_decision_holds_from_the_moment_it_is_answered(reader: Reader, moderator: Moderator) -> None:
    comment = reader.comment("a", "Seen and gone.")
    seen = reader.get("/api/v1/thread", article="a")

    moderator.decide("trash", comment)

    unless_changed = {"If-None-Match": seen.headers["ETag"]}
    now = reader.http.get("/api/v1/thread", params={"article": "a"}, headers=unless_changed)
    assert (now.status_code, now.json()["comments"]) == (200, [])
    assert reader.get(f"/api/v1/comments/{comment}").status_code == 404
    assert "Seen and gone." not in reader.get("/thread/fragment", article="a").text
    assert "Seen and gone." not in reader.get("/feeds/site.atom").text


def test_a_comment_brought_back_stands_where_it_stood(reader: Reader, moderator: Moderator) -> None:
    root = reader.comment("a", "Root.")
    reader.comment("a", "Reply.", parent=root)
    reader.comment("a", "Other.")
    before = reader.thread("a")

    moderator.decide("spam", root)
    assert [c["removed"] for c in reader.thread("a")["comments"]] == [True, False, False]
    moderator.decide("approve", root)

    assert reader.thread("a") == before


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"action": "spam"}, "body"),
        ({"ids": []}, "ids"),
        ({"ids": [], "action": "spam"}, "ids"),
        ({"ids": ["x"] * 201, "action": "spam"}, "ids"),
        ({"ids": "x", "action": "spam"}, "ids"),
        ({"ids": [5], "action": "spam"}, "ids"),
        ({"ids": ["x"], "action": "delete"}, "action"),
        ({"ids": ["x"], "action": None}, "action"),
        ({"ids": ["x"], "action": "spam", "reason": "x" * 501}, "reason"),
        ({"ids": ["x"], "action": "spam", "reason": 5}, "reason"),
    ],
)
def test_a_decision_that_cannot_be_read_is_refused_with_its_field(
    moderator: Moderator, body: dict[str, Any], field: str
) -> None:
    answer = moderator.request("POST", "/decisions", json=body)

    assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"ids=x&action=spam", "application/x-www-form-urlencoded", 415),
        (b" " * 1_000_000, "application/json", 413),
    ],
)
def test_a_body_that_is_no_json_object_is_refused(
    moderator: Moderator, content: bytes, kind: str, status: int
) -> None:
    headers = moderator.headers | {"Content-Type": kind}

    answer = moderator.http.post("/api/v1/moderation/decisions", content=content, headers=headers)

    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/decisions", "/blocks", "/thread"])
@pytest.mark.parametrize(
    "value", ['"\\ud800"', '"\\u0000"', "1e999", "-0.0", '"' + "x" * 70_000 + '"', "[[]]", "{}"]
)
def test_no_value_of_a_field_is_a_fault_of_ours(moderator: Moderator, path: str, value: str) -> None:
    fields = (
        "ids",
        "action",
        "reason",
        "article",
        "site",
        "open",
        "title",
        "url",
        "kind",
        "value",
        "until",
        "note",
    )
    whole = {
        "/decisions": '"ids": ["x"], "action": "spam"',
        "/blocks": '"kind": "word", "value": "x", "action": "hold"',
        "/thread": '"article": "a"',
    }[path]
    method = "PATCH" if path == "/thread" else "POST"
    headers = moderator.headers | {"Content-Type": "application/json"}

    for field in fields:
        body = f'{{{whole}, "{field}": {value}}}'
        answer = moderator.http.request(method, f"/api/v1/moderation{path}", content=body, headers=headers)
        assert answer.status_code < 500, body[:200]
