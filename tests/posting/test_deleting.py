"""Who holds the edit key of a comment may delete it: it is erased at once and for good."""

from __future__ import annotations

import pytest

from tests.conftest import MakeService
from tests.people import Moderator, Reader
from tests.posting.problems import problem_of
from tests.running_service import InProcess


def test_a_deleted_comment_is_gone(reader: Reader) -> None:
    posted = reader.posted("a-1", "Regretted.")

    answer = reader.delete(posted["comment"]["id"], posted["edit_key"])

    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["Cache-Control"] == "no-store"
    assert reader.thread("a-1")["comments"] == []
    assert reader.thread("a-1")["count"] == 0
    assert reader.get(f"/api/v1/comments/{posted['comment']['id']}").status_code == 404


def test_a_deleted_comment_with_replies_leaves_a_placeholder(reader: Reader) -> None:
    posted = reader.posted("a-1", "Regretted.", name="Regret")
    reader.comment("a-1", "Reply.", parent=posted["comment"]["id"])

    reader.delete(posted["comment"]["id"], posted["edit_key"])

    thread = reader.get("/api/v1/thread", article="a-1")
    placeholder = thread.json()["comments"][0]
    assert (placeholder["removed"], placeholder["author"], placeholder["html"]) == (True, None, "")
    assert "Regret" not in thread.text
    for path in ("/thread", "/thread/fragment", "/feeds/thread.atom"):
        assert "Regret" not in reader.get(path, article="a-1").text


@pytest.mark.parametrize("action", ["approve", "hold", "spam", "trash", "purge"])
def test_no_decision_brings_it_back(reader: Reader, moderator: Moderator, action: str) -> None:
    posted = reader.posted("a-1", "Regretted.")
    id = posted["comment"]["id"]
    reader.delete(id, posted["edit_key"])

    assert moderator.decide(action, id) == {"decided": [], "missing": [id]}
    assert reader.thread("a-1")["count"] == 0


def test_nothing_of_it_is_kept(service: InProcess, reader: Reader) -> None:
    posted = reader.posted(
        "a-1",
        "Unforgettable words.",
        name="Regretful",
        email="regret@paper.example",
        url="https://regret.example/",
    )
    reader.comment("a-1", "Reply.", parent=posted["comment"]["id"])

    reader.delete(posted["comment"]["id"], posted["edit_key"])

    moderator = service.moderator()
    for query in ({"q": "Unforgettable"}, {"email": "regret@paper.example"}, {"q": "Regretful"}):
        assert moderator.queue(**query) == []


def test_it_can_be_deleted_once(reader: Reader) -> None:
    posted = reader.posted("a-1")
    id, key = posted["comment"]["id"], posted["edit_key"]
    reader.delete(id, key)

    problem_of(reader.delete(id, key), 404)
    problem_of(reader.edit(id, key, "Back again."), 404)


@pytest.mark.parametrize("mode", ["first", "all"])
def test_a_comment_that_waits_can_be_deleted(make_service: MakeService, mode: str) -> None:
    service = make_service(MODERATION=mode)
    reader = service.reader()
    posted = reader.posted("a-1")

    assert reader.delete(posted["comment"]["id"], posted["edit_key"]).status_code == 204
    assert service.moderator().queue(state="pending") == []


def test_a_comment_that_a_moderator_removed_can_be_deleted(reader: Reader, moderator: Moderator) -> None:
    posted = reader.posted("a-1")
    id = posted["comment"]["id"]
    moderator.decide("spam", id)

    assert reader.delete(id, posted["edit_key"]).status_code == 204
    assert moderator.decide("approve", id)["missing"] == [id]


def test_a_deleted_comment_cannot_be_answered(reader: Reader) -> None:
    posted = reader.posted("a-1")
    reader.comment("a-1", parent=posted["comment"]["id"])
    reader.delete(posted["comment"]["id"], posted["edit_key"])

    problem_of(reader.post("a-1", parent=posted["comment"]["id"]), 409)


def test_deleting_needs_no_body_and_reads_none(reader: Reader) -> None:
    posted = reader.posted("a-1")

    answer = reader.http.request(
        "DELETE",
        f"/api/v1/comments/{posted['comment']['id']}",
        content=b"\xff not JSON",
        headers={"Authorization": f"bearer {posted['edit_key']}"},
    )

    assert answer.status_code == 204
