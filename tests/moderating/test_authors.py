"""Everything of one author is one decision, and an author can be blocked."""

from __future__ import annotations

import pytest

from bench.seed import default_site
from commentsvc.actions import decide
from commentsvc.actions.bulk_insert import ImportedComment, load
from tests.moderating.desk import Desk, shown
from tests.people import Json, Moderator, Reader
from tests.running_service import InProcess, TestClock

TO = {"approve": "approved", "hold": "pending", "spam": "spam", "trash": "trash", "purge": None}


def decide_author(moderator: Moderator, author: str, action: str) -> Json:
    answer = moderator.request("POST", "/decisions", json={"author": author, "action": action})
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture
def theirs(reader: Reader) -> list[str]:
    """Three comments of one author, in two threads; those of others stand between them."""
    first = reader.posted("a")
    reader.author_key = first["author_key"]
    Reader(reader.http).comment("a", "Of another.")
    return [first["comment"]["id"], reader.comment("a"), reader.comment("b")]


def author_of(moderator: Moderator, comment: str) -> str:
    return next(c["author_id"] for c in moderator.queue() if c["id"] == comment)


def test_an_author_has_one_id_and_others_have_others(theirs: list[str], moderator: Moderator) -> None:
    queue = moderator.queue()

    ids = {c["author_id"] for c in queue if c["id"] in theirs}
    assert len(ids) == 1
    assert ids.isdisjoint(c["author_id"] for c in queue if c["id"] not in theirs)


@pytest.mark.parametrize("action", TO)
def test_all_comments_of_an_author_are_decided_about_at_once(
    theirs: list[str], reader: Reader, moderator: Moderator, action: str
) -> None:
    answer = decide_author(moderator, author_of(moderator, theirs[0]), action)

    assert sorted(one["id"] for one in answer["decided"]) == sorted(theirs)
    assert {one["to"] for one in answer["decided"]} == {TO[action]}
    assert answer["missing"] == []
    public = 0 if action != "approve" else 3
    assert reader.thread("a")["count"] + reader.thread("b")["count"] == public + 1


def test_it_ends_at_the_sites_of_a_moderator(reader: Reader, moderator: Moderator, sports: Moderator) -> None:
    first = reader.posted("a")
    reader.author_key = first["author_key"]
    theirs = reader.comment("a", site="sports")

    answer = decide_author(sports, author_of(moderator, theirs), "spam")

    assert [one["id"] for one in answer["decided"]] == [theirs]
    assert reader.thread("a")["count"] == 1


def test_of_an_author_whom_nobody_knows_there_is_nothing(moderator: Moderator) -> None:
    for author in ("nobody", "", "x'--", "\0", "é" * 500):
        assert decide_author(moderator, author, "spam") == {"decided": [], "missing": []}


@pytest.mark.parametrize("body", [{}, {"ids": ["x"], "author": "x"}, {"author": 5}, {"author": None}])
def test_either_ids_or_an_author_must_be_named(moderator: Moderator, body: Json) -> None:
    assert moderator.request("POST", "/decisions", json=body | {"action": "spam"}).status_code == 422


@pytest.mark.soak
@pytest.mark.parametrize(("size", "status"), [(450, 200), (451, 202)])
def test_of_an_author_with_very_many_comments_a_job_decides(
    service: InProcess, moderator: Moderator, monkeypatch: pytest.MonkeyPatch, size: int, status: int
) -> None:
    monkeypatch.setattr(decide, "MAX_OF_AUTHOR", 450)  # the true one takes seconds
    ours = service.app.extensions["commentsvc"]
    many = (
        ImportedComment("a", n, None, "busy", "Bo", "bo@paper.example", None, "Hello.", TestClock.now)
        for n in range(size)
    )
    load(ours, default_site(ours), many)

    answer = moderator.request("POST", "/decisions", json={"author": "busy", "action": "trash"})

    assert answer.status_code == status
    left = service.reader().thread("a")["count"]
    assert left == (0 if status == 200 else size)
    if status == 202:
        assert answer.json()["job"]["total"] == size


@pytest.mark.parametrize(("action", "state"), [("hold", "pending"), ("spam", "spam")])
def test_a_blocked_author_awaits_moderation(
    theirs: list[str], reader: Reader, moderator: Moderator, action: str, state: str
) -> None:
    author = author_of(moderator, theirs[0])
    moderator.block("author", author, action)

    answer = reader.post("a", "Again.", email="another@paper.example")

    assert (answer.status_code, answer.json()["state"]) == (202, "pending")
    assert Reader(reader.http).post("a").status_code == 201
    caught = next(c for c in moderator.queue() if c["text"] == "Again.")
    assert (caught["state"], caught["reasons"]) == (state, [f"blocked author: {author}"])


def test_a_rejected_author_is_told_and_nothing_is_stored(
    theirs: list[str], reader: Reader, moderator: Moderator
) -> None:
    moderator.block("author", author_of(moderator, theirs[0]), "reject")

    answer = reader.post("a", "Again.")

    assert (answer.status_code, "from you" in answer.json()["detail"]) == (403, True)
    assert len(moderator.queue()) == 4


@pytest.mark.parametrize("value", ["", " ", "x" * 23, "a\nb"])
def test_what_is_no_author_cannot_be_blocked(moderator: Moderator, value: str) -> None:
    block = {"kind": "author", "value": value, "action": "hold"}

    answer = moderator.request("POST", "/blocks", json=block)

    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["value"])


@pytest.mark.parametrize("action", ["hold", "spam", "trash"])
def test_the_desk_decides_about_all_of_an_author(
    theirs: list[str], moderator: Moderator, desk: Desk, action: str
) -> None:
    page = desk.queue(state="approved")

    answer = desk.press_for_author(page, action, theirs[1])

    after = desk.http.get(answer.headers["Location"])
    assert "All of this author: 3." in after.text
    assert set(shown(after)).isdisjoint(theirs)
    assert {c["state"] for c in moderator.queue() if c["id"] in theirs} == {TO[action]}


def test_the_desk_does_not_approve_unread_what_else_an_author_wrote(
    theirs: list[str], moderator: Moderator, desk: Desk
) -> None:
    moderator.decide("hold", *theirs)

    desk.press_for_author(desk.queue(), "approve", theirs[0], by_hand=True)

    assert {c["state"] for c in moderator.queue() if c["id"] in theirs} == {"pending"}
