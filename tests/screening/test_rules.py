"""Rules from setting them to removing them, on both databases; what each condition means is told beside the desk's tests."""

from __future__ import annotations

import json

import pytest

from tests.databases import on_both
from tests.people import Moderator, Reader
from tests.running_service import InProcess

__all__ = ["on_both"]

PATTERN = "lot+ery"


@pytest.mark.slow_on_postgresql
def test_a_rule_is_tried_set_changed_and_removed(
    service: InProcess, reader: Reader, moderator: Moderator
) -> None:
    liked, spam = reader.posted("a", "A lottery.", email="bob@mail.example"), reader.comment("a", "Lottttery")
    moderator.decide("approve", liked["comment"]["id"])
    service.clock.move(days=2)
    reader.posted("a", "A lottery!", email="bob@mail.example", author_key=liked["author_key"])
    when = {"pattern": PATTERN, "email_domains": ["mail.example"], "emails": ["bob@mail.example"]}

    def caught(**conditions: object) -> int:
        rule = {"when": when | conditions}
        return int(moderator.request("POST", "/rules/try", json={"rule": rule}).json()["caught"])

    assert [caught(), caught(first_comment=True), caught(thread_older_than_days=1)] == [2, 1, 1]
    made = moderator.rule(when, "spam", note="Ends.", until="2027-01-01T00:00:00Z")
    assert moderator.request("GET", "/rules").json()["rules"] == [made]
    assert made["when"] == when
    assert reader.post("a", "Another lottery.", email="bob@mail.example").status_code == 202
    assert reader.post("a", "Another lottery.", email="eve@mail.example").status_code == 201
    path = f"/rules/{made['id']}"
    assert moderator.request("PATCH", path, json={"when": {"pattern": PATTERN}}).status_code == 200
    assert reader.post("a", "One more lottery.", email="eve@mail.example").status_code == 202
    assert moderator.request("DELETE", path).status_code == 204
    assert moderator.request("GET", "/rules").json()["rules"] == []
    assert spam in [comment["id"] for comment in moderator.queue()]


def test_a_fault_of_a_rule_holds_what_it_could_have_caught(
    reader: Reader, moderator: Moderator, monkeypatch: pytest.MonkeyPatch
) -> None:
    moderator.rule({"pattern": PATTERN}, "hold")

    def fails(pattern: str) -> None:
        raise ValueError("a newer RE2 cannot read it")

    monkeypatch.setattr("commentsvc.screening.rules.patterns.compiled", fails)

    assert reader.post("a", "Harmless.").status_code == 202
    assert moderator.queue()[0]["reasons"] == ["this check was skipped: it failed"]


ODD = ("\0", "\ud800", "\uffff", "a\nb", "🙂", "\u202e")


@pytest.mark.parametrize(
    "where", ["name", "note", "pattern", "words", "names", "emails", "domains", "authors"]
)
def test_nothing_that_is_typed_is_a_fault_of_ours(reader: Reader, moderator: Moderator, where: str) -> None:
    for odd in ODD:
        rule = {"name": "A", "when": {"words": ["x"]}, "outcome": "hold", "mode": "on"}
        if where in {"name", "note"}:
            rule[where] = f"A {odd}"
        else:
            rule["when"] = {where: f"A{odd}" if where == "pattern" else [f"a@{odd}.example", f"A{odd}"]}

        answer = moderator.http.post(
            "/api/v1/moderation/rules",
            content=json.dumps(rule),  # which escapes what no text can hold
            headers=moderator.headers | {"Content-Type": "application/json"},
        )

        assert answer.status_code in {201, 400, 422}

    assert reader.post("a", "Harmless.").status_code == 201
    assert moderator.request("GET", "/rules").status_code == 200
