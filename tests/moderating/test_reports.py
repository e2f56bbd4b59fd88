"""Readers report comments: where many do, a comment waits until a moderator has looked at it."""

from __future__ import annotations

import httpx
import pytest

from tests.conftest import MakeService
from tests.people import Json, Moderator, Reader
from tests.running_service import InProcess

UNKNOWN = "AAAAAAAAAAAAAAAA"


def report(reader: Reader, comment: str, **fields: object) -> httpx.Response:
    """Report a comment, with the form token of some other article."""
    body = {"token": reader.token("any"), "reason": "abuse"} | fields
    return reader.http.post(f"/api/v1/comments/{comment}/reports", json=body)


def reports_of(moderator: Moderator, comment: str, **query: str) -> Json:
    answer = moderator.request("GET", f"/comments/{comment}/reports", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_moderators_read_what_was_reported(reader: Reader, moderator: Moderator) -> None:
    comment = reader.comment("a")

    answer = report(
        reader, comment, reason="illegal", text="It is a threat.", email="Bo@Paper.example", name="Bo",
        good_faith=True,
    )  # fmt: skip

    assert (answer.status_code, answer.json()) == (202, {"received": True})
    (told,) = reports_of(moderator, comment)["reports"]
    assert told.pop("id")
    assert told == {
        "at": "2026-11-24T09:00:00Z",
        "reason": "illegal",
        "text": "It is a threat.",
        "name": "Bo",
        "email": "Bo@paper.example",
        "good_faith": True,
        "closed_at": None,
    }
    (listed,) = moderator.queue(reported="1")
    assert (listed["id"], listed["reports"], listed["state"]) == (comment, 1, "approved")
    assert moderator.request("GET", "/counts").json()["reported"] == 1
