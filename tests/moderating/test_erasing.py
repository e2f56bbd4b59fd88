"""What was purged, or deleted by its author, is erased, and no decision brings it back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.people import Moderator, Reader
from tests.running_service import InProcess

TEXT, NAME, WEBSITE = "Xylophonequartet was here.", "Quetzalcoatlus Ng", "https://zugzwang.example/"
Erase = Callable[[Reader, Moderator, dict[str, Any]], object]


def purge(reader: Reader, moderator: Moderator, posted: dict[str, Any]) -> object:
    return moderator.decide("purge", posted["comment"]["id"])


def delete(reader: Reader, moderator: Moderator, posted: dict[str, Any]) -> object:
    return reader.delete(posted["comment"]["id"], posted["edit_key"])


@pytest.fixture(params=[purge, delete], ids=["purged", "deleted"])
def erase(request: pytest.FixtureRequest) -> Erase:
    chosen: Erase = request.param
    return chosen


@pytest.fixture
def posted(reader: Reader) -> dict[str, Any]:
    return reader.posted("a", TEXT, name=NAME, url=WEBSITE)


def bytes_of(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(folder.iterdir()) if file.is_file()).lower()


def test_no_file_of_the_service_holds_it_any_more(
    service: InProcess, reader: Reader, moderator: Moderator, posted: dict[str, Any], erase: Erase
) -> None:
    words = [b"xylophonequartet", b"quetzalcoatlus", b"zugzwang"]
    assert all(word in bytes_of(service.data_dir) for word in words)

    erase(reader, moderator, posted)

    assert not any(word in bytes_of(service.data_dir) for word in words)


def test_its_address_finds_nothing_any_more(
    reader: Reader, moderator: Moderator, posted: dict[str, Any], erase: Erase
) -> None:
    erase(reader, moderator, posted)

    assert moderator.queue(email=reader.email) == []
    assert moderator.queue() == []


def test_it_is_gone_for_everybody(
    reader: Reader, moderator: Moderator, posted: dict[str, Any], erase: Erase
) -> None:
    comment, key = posted["comment"]["id"], posted["edit_key"]
    erase(reader, moderator, posted)

    assert reader.get(f"/api/v1/comments/{comment}").status_code == 404
    assert reader.thread("a")["comments"] == []
    assert reader.edit(comment, key, "Back again.").status_code == 404
    assert reader.delete(comment, key).status_code == 404


@pytest.mark.parametrize("action", ["approve", "hold", "spam", "trash", "purge"])
def test_no_decision_brings_it_back(
    reader: Reader, moderator: Moderator, posted: dict[str, Any], erase: Erase, action: str
) -> None:
    comment = posted["comment"]["id"]
    erase(reader, moderator, posted)

    answer = moderator.decide(action, comment)

    assert answer == {"decided": [], "missing": [comment]}
    assert reader.thread("a")["count"] == 0


def test_it_leaves_a_placeholder_where_there_are_replies(
    reader: Reader, moderator: Moderator, posted: dict[str, Any], erase: Erase
) -> None:
    reader.comment("a", "A reply.", parent=posted["comment"]["id"])

    erase(reader, moderator, posted)

    left, reply = reader.thread("a")["comments"]
    assert (left["removed"], left["author"], left["html"], left["edited_at"]) == (True, None, "", None)
    assert (left["replies"], reply["html"]) == (1, "<p>A reply.</p>")


def test_sent_again_it_is_not_made_a_second_time(reader: Reader, moderator: Moderator, erase: Erase) -> None:
    submission = reader.submission("a", TEXT)
    erase(reader, moderator, reader.send(submission).json())

    again = reader.send(submission)

    assert (again.status_code, again.json()["type"].rpartition("/")[2]) == (409, "token-spent")
    assert reader.thread("a")["count"] == 0


@pytest.mark.parametrize("before", ["hold", "spam", "trash"])
def test_a_comment_of_any_state_can_be_purged(reader: Reader, moderator: Moderator, before: str) -> None:
    comment = reader.comment("a")
    state = moderator.decide(before, comment)["decided"][0]["to"]

    answer = moderator.decide("purge", comment)

    assert [one | {"decision": None} for one in answer["decided"]] == [
        {"id": comment, "from": state, "to": None, "decision": None}
    ]
