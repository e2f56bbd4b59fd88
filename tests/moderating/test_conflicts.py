"""A decision that says which text it is about does not meet another one."""

from __future__ import annotations

from typing import Any

import pytest

from tests.people import Json, Moderator, Reader


def decide(moderator: Moderator, action: str, *ids: Any) -> Json:
    answer = moderator.request("POST", "/decisions", json={"ids": list(ids), "action": action})
    assert answer.status_code == 200, answer.text
    return answer.json()


def seen(moderator: Moderator, comment: str) -> Json:
    """The comment as the queue shows it now, the way in which a decision names it."""
    listed = next(c for c in moderator.queue() if c["id"] == comment)
    return {name: listed[name] for name in ("id", "revision", "state")}


def test_an_edit_within_the_same_second_is_a_conflict(reader: Reader, moderator: Moderator) -> None:
    posted = reader.posted("a", "Nice.")
    comment = posted["comment"]["id"]
    reader.edit(comment, posted["edit_key"], "Nicer.")
    read = seen(moderator, comment)
    reader.edit(comment, posted["edit_key"], "Cheap watches.")  # the clock stands still

    answer = decide(moderator, "approve", {"id": comment, "revision": read["revision"]})

    assert answer == {
        "decided": [],
        "missing": [],
        "conflicts": [{"id": comment, "why": "edited-meanwhile"}],
    }


def test_an_edit_to_the_same_text_is_none(reader: Reader, moderator: Moderator) -> None:
    posted = reader.posted("a", "Nice.")
    read = seen(moderator, posted["comment"]["id"])
    reader.edit(read["id"], posted["edit_key"], "Nice.")

    assert decide(moderator, "spam", read)["conflicts"] == []


def test_the_revision_grows_with_each_edit(reader: Reader, moderator: Moderator) -> None:
    posted = reader.posted("a", "Zero.")
    revisions = []
    for text in ("One.", "Two.", "Three."):
        revisions.append(moderator.queue()[0]["revision"])
        reader.edit(posted["comment"]["id"], posted["edit_key"], text)

    assert revisions == sorted(set(revisions))


def test_what_another_decided_meanwhile_is_said_with_who_it_was(
    reader: Reader, moderator: Moderator, sports: Moderator
) -> None:
    comment = reader.comment("a", site="sports")
    read = seen(moderator, comment)
    sports.decide("trash", comment)

    (conflict,) = decide(moderator, "spam", read)["conflicts"]

    log = moderator.request("GET", "/decisions").json()["decisions"]
    who = {"by": log[0]["by"], "by_name": log[0]["by_name"]}
    assert conflict == {"id": comment, "why": "already-decided"} | who
    assert moderator.queue()[0]["state"] == "trash"


def test_the_others_are_decided_and_names_may_be_mixed(reader: Reader, moderator: Moderator) -> None:
    first, second, third = (reader.comment("a", f"Number {n}.") for n in range(3))
    stale = seen(moderator, second) | {"revision": 77}

    answer = decide(moderator, "spam", first, stale, {"id": third}, {"id": "nothing", "revision": 1})

    assert [one["id"] for one in answer["decided"]] == [first, third]
    assert [one["id"] for one in answer["conflicts"]] == [second]
    assert answer["missing"] == ["nothing"]


def test_a_comment_of_another_site_is_missing_and_no_conflict(reader: Reader, sports: Moderator) -> None:
    comment = reader.comment("a")

    answer = decide(sports, "spam", {"id": comment, "revision": 77, "state": "trash"})

    assert (answer["missing"], answer["conflicts"]) == ([comment], [])


@pytest.mark.parametrize(
    "one",
    [{}, {"revision": 1}, {"id": 5}, {"id": "x", "revision": "1"}, {"id": "x", "state": "gone"}, None, []],
)
def test_what_names_no_comment_is_refused(moderator: Moderator, one: Any) -> None:
    answer = moderator.request("POST", "/decisions", json={"ids": [one], "action": "spam"})

    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["ids"])
