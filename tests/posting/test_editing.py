"""Who holds the edit key of a comment may give it another text, for a time."""

from __future__ import annotations

import pytest

from tests.conftest import MakeService
from tests.people import Json, Moderator, Reader
from tests.posting.problems import errors_of, problem_of
from tests.running_service import InProcess


def edit(reader: Reader, posted: Json, text: str = "Better.") -> Json:
    """Edit with the comment's own key; give the answer, which must be 200."""
    answer = reader.edit(posted["comment"]["id"], posted["edit_key"], text)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_an_edited_comment_has_its_new_text_and_says_when(service: InProcess, reader: Reader) -> None:
    posted = reader.posted("a-1", "First.")
    service.clock.move(minutes=3)

    edited = edit(reader, posted, "Better, *much*.")

    assert set(edited) == {"comment"}
    assert edited["comment"] == reader.thread("a-1")["comments"][0]
    assert edited["comment"] == posted["comment"] | {
        "html": "<p>Better, <em>much</em>.</p>",
        "edited_at": "2026-11-24T09:03:00Z",
    }


def test_the_same_text_again_changes_nothing(service: InProcess, reader: Reader) -> None:
    posted = reader.posted("a-1", "First.")
    before = reader.get("/api/v1/thread", article="a-1")
    service.clock.move(minutes=3)

    edit(reader, posted, "First.")

    assert reader.get("/api/v1/thread", article="a-1").content == before.content


def test_an_edit_can_be_made_many_times(service: InProcess, reader: Reader) -> None:
    posted = reader.posted("a-1")

    for text in ("Second.", "Third.", "Fourth."):
        service.clock.move(minutes=1)
        edit(reader, posted, text)

    assert reader.texts("a-1") == ["Fourth."]


def test_replies_stay_below_an_edited_comment(reader: Reader) -> None:
    posted = reader.posted("a-1", "First.")
    reader.comment("a-1", "Reply.", parent=posted["comment"]["id"])

    assert edit(reader, posted)["comment"]["replies"] == 1
    assert reader.texts("a-1") == ["Better.", "Reply."]


@pytest.mark.parametrize("key", ["another's", "wrong", "an author key", "empty", "none"])
@pytest.mark.parametrize("act", ["edit", "delete"])
def test_without_its_edit_key_nobody_changes_a_comment(reader: Reader, key: str, act: str) -> None:
    posted, another = reader.posted("a-1", "First."), reader.posted("a-1", "Another's.")
    sent = {
        "another's": f"Bearer {another['edit_key']}",
        "wrong": f"Bearer {posted['edit_key'][:-1]}",
        "an author key": f"Bearer {posted['author_key']}",
        "empty": "Bearer ",
        "none": None,
    }[key]

    answer = reader.http.request(
        "PATCH" if act == "edit" else "DELETE",
        f"/api/v1/comments/{posted['comment']['id']}",
        json={"text": "Mine."},
        headers={} if sent is None else {"Authorization": sent},
    )

    problem_of(answer, 403)
    assert reader.texts("a-1") == ["First.", "Another's."]


def test_an_unknown_comment_has_no_key(reader: Reader) -> None:
    posted = reader.posted("a-1")

    problem_of(reader.edit("unknown", posted["edit_key"], "Mine."), 403)


@pytest.mark.parametrize("act", ["edit", "delete"])
def test_the_edit_window_ends_and_says_when_it_did(service: InProcess, reader: Reader, act: str) -> None:
    posted = reader.posted("a-1", "First.")
    assert posted["edit_until"] == "2026-11-24T09:15:00Z"
    service.clock.move(seconds=899)
    edit(reader, posted, "Just in time.")
    service.clock.move(seconds=1)

    id, key = posted["comment"]["id"], posted["edit_key"]
    answer = reader.edit(id, key, "Too late.") if act == "edit" else reader.delete(id, key)

    assert "2026-11-24 09:15 UTC" in problem_of(answer, 403)["detail"]
    assert reader.texts("a-1") == ["Just in time."]


def test_an_edit_does_not_prolong_the_window(service: InProcess, reader: Reader) -> None:
    posted = reader.posted("a-1")
    service.clock.move(minutes=14)
    edit(reader, posted)

    service.clock.move(minutes=2)

    problem_of(reader.edit(posted["comment"]["id"], posted["edit_key"], "Too late."), 403)


def test_the_operator_sets_the_edit_window(make_service: MakeService) -> None:
    service = make_service(EDIT_WINDOW="60")
    reader = service.reader()
    posted = reader.posted("a-1")
    assert posted["edit_until"] == "2026-11-24T09:01:00Z"

    service.clock.move(seconds=60)

    problem_of(reader.edit(posted["comment"]["id"], posted["edit_key"], "Too late."), 403)


@pytest.mark.parametrize(
    "text", ["", " \n", "a\0b", "x" * 10_001, "[](http://x.example)", "&#8203;", None, 5]
)
def test_a_text_that_posting_refuses_is_refused_here(reader: Reader, text: object) -> None:
    posted = reader.posted("a-1", "First.")

    answer = reader.edit(posted["comment"]["id"], posted["edit_key"], text)

    assert set(errors_of(answer)) == {"text"}
    assert reader.texts("a-1") == ["First."]


def test_where_all_wait_an_edited_comment_waits_again(make_service: MakeService) -> None:
    service = make_service(MODERATION="all")
    reader, moderator = service.reader(), service.moderator()
    posted = reader.posted("a-1", "First.")
    id = posted["comment"]["id"]
    moderator.decide("approve", id)
    assert reader.texts("a-1") == ["First."]

    answer = reader.edit(id, posted["edit_key"], "Better.")

    assert answer.status_code == 202
    assert answer.json()["state"] == "pending"
    assert answer.json()["comment"]["html"] == "<p>Better.</p>"
    assert reader.thread("a-1")["count"] == 0
    assert [comment["text"] for comment in moderator.queue(state="pending")] == ["Better."]


def test_a_comment_that_waits_can_be_edited_and_goes_on_waiting(make_service: MakeService) -> None:
    service = make_service(MODERATION="first")
    reader, moderator = service.reader(), service.moderator()
    posted = reader.posted("a-1", "First.")

    answer = reader.edit(posted["comment"]["id"], posted["edit_key"], "Better.")

    assert (answer.status_code, answer.json()["state"]) == (202, "pending")
    moderator.decide("approve", posted["comment"]["id"])
    assert reader.texts("a-1") == ["Better."]


def test_where_only_strangers_wait_an_approved_comment_is_edited_at_once(make_service: MakeService) -> None:
    service = make_service(MODERATION="first")
    reader = service.reader()
    posted = reader.posted("a-1", "What a fine frist comment.")
    service.moderator().decide("approve", posted["comment"]["id"])

    edit(reader, posted, "What a fine first comment.")

    assert reader.texts("a-1") == ["What a fine first comment."]


@pytest.mark.parametrize("action", ["hold", "spam", "trash"])
def test_an_edit_never_brings_back_what_a_moderator_removed(
    reader: Reader, moderator: Moderator, action: str
) -> None:
    posted = reader.posted("a-1", "First.")
    moderator.decide(action, posted["comment"]["id"])

    answer = reader.edit(posted["comment"]["id"], posted["edit_key"], "Harmless.")

    assert (answer.status_code, answer.json()["state"]) == (202, "pending")
    assert reader.thread("a-1")["count"] == 0


def test_an_edit_that_a_rule_catches_waits_again(reader: Reader, moderator: Moderator) -> None:
    posted = reader.posted("a-1", "First.")
    reply = reader.comment("a-1", "Reply.", parent=posted["comment"]["id"])
    moderator.block("word", "casino", "hold")

    answer = reader.edit(posted["comment"]["id"], posted["edit_key"], "Come to the CASINO!")

    assert (answer.status_code, answer.json()["state"]) == (202, "pending")
    shown = reader.thread("a-1")["comments"]
    assert [(c["id"], c["removed"]) for c in shown] == [(posted["comment"]["id"], True), (reply, False)]


def test_attempts_to_guess_a_key_are_limited(make_service: MakeService) -> None:
    reader = make_service(RATE_LIMIT_POST="1 per minute").reader()
    id = reader.comment("a-1")

    statuses = [reader.edit(id, f"guess {number}", "Mine.").status_code for number in range(11)]

    assert statuses[0] == 403
    assert statuses[-1] == 429
