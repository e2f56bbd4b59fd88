"""Trust comes from a person's approval (or an import), and ends when a person takes something away."""

from __future__ import annotations

import pytest

from bench.seed import default_site
from commentsvc.actions.bulk_insert import ImportedComment, load
from commentsvc.intake.guest_keys import author_key
from commentsvc.model import State
from tests.conftest import MakeService
from tests.people import Json, Moderator, Reader
from tests.running_service import InProcess, TestClock


@pytest.fixture
def service(make_service: MakeService) -> InProcess:
    return make_service(MODERATION="first")


@pytest.fixture
def known(reader: Reader, moderator: Moderator) -> Json:
    """The answer to a comment that a person approved; `reader` sends its author key from then on."""
    posted = reader.posted("a-1", "A first comment, about kites and the wind.")
    moderator.decide("approve", posted["comment"]["id"])
    reader.author_key = posted["author_key"]
    return posted


def waits(reader: Reader) -> bool:
    return reader.post("a-2", "One more.").status_code == 202


@pytest.mark.slow_on_postgresql
@pytest.mark.usefixtures("known")
def test_what_trust_alone_made_public_earns_no_trust_elsewhere(
    service: InProcess, reader: Reader, moderator: Moderator
) -> None:
    public = reader.comment("a-1", "Public by trust.")
    first = next(c["id"] for c in moderator.queue() if c["id"] != public)

    moderator.decide("hold", first)

    assert waits(reader)


def test_what_was_public_without_a_person_earns_no_trust(service: InProcess) -> None:
    service.run("site", "add", "blog", "--origin", "https://blog.example")
    service.run("site", "set", "blog", "--moderation", "none")
    reader = service.reader()
    reader.author_key = reader.posted("a-1", site="blog")["author_key"]
    service.run("site", "set", "blog", "--moderation", "first")

    assert reader.post("a-1", site="blog").status_code == 202


def test_to_approve_what_is_public_already_vouches_for_its_author(service: InProcess) -> None:
    service.run("site", "set", "default", "--moderation", "none")
    reader, moderator = service.reader(), service.moderator()
    posted = reader.posted("a-1")
    reader.author_key = posted["author_key"]
    service.run("site", "set", "default", "--moderation", "first")

    moderator.decide("approve", posted["comment"]["id"])

    assert not waits(reader)


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("action", ["spam", "trash", "purge"])
def test_one_comment_that_a_person_takes_away_ends_the_trust_in_all_others(
    reader: Reader, moderator: Moderator, action: str
) -> None:
    moderator.decide(action, reader.comment("a-1", "Cheap watches."))

    assert waits(reader)


@pytest.mark.usefixtures("known")
def test_what_is_held_to_think_about_it_leaves_the_trust_that_others_earned(
    reader: Reader, moderator: Moderator
) -> None:
    moderator.decide("hold", reader.comment("a-1", "Is this on topic?"))

    assert not waits(reader)


@pytest.mark.usefixtures("known")
def test_trust_that_ended_comes_back_with_the_next_approval(reader: Reader, moderator: Moderator) -> None:
    regretted = reader.comment("a-1", "Not spam.")
    moderator.decide("spam", regretted)

    moderator.decide("approve", regretted)

    assert not waits(reader)


@pytest.mark.usefixtures("known")
def test_trust_ends_on_the_site_where_it_was_taken_away_alone(
    service: InProcess, reader: Reader, moderator: Moderator
) -> None:
    service.run("site", "add", "blog", "--origin", "https://blog.example")
    elsewhere = reader.comment("a-1", site="blog")

    moderator.decide("spam", elsewhere)

    assert not waits(reader)


def test_what_a_block_catches_does_not_end_the_trust_that_a_person_gave(
    reader: Reader, moderator: Moderator, known: Json
) -> None:
    block = moderator.block("word", "lottery", "spam")
    assert reader.post("a-1", "Win the lottery.").status_code == 202

    moderator.request("DELETE", f"/blocks/{block['id']}")

    assert not waits(reader)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("A first comment, about kites and the wind!", 200),
        ("My first comment, about kites, rain and the wind.", 200),
        ("A first comment, about kites and the wind. See https://watches.example/.", 202),
        ("A first comment, about [kites](https://watches.example/) and the wind.", 202),
        ("Buy cheap watches today, only here, only now.", 202),
        ("A first comment, about kites and the wind. " + "Cheap watches, only here. " * 5, 202),
        ("Kites.", 202),
    ],
)
def test_a_first_comment_that_becomes_another_waits_again(
    reader: Reader, moderator: Moderator, known: Json, text: str, status: int
) -> None:
    edited = reader.edit(known["comment"]["id"], known["edit_key"], text)

    assert edited.status_code == status
    assert waits(reader) is (status == 202)
    if status == 202:
        assert reader.thread("a-1")["count"] == 0
        assert moderator.queue()[0]["reasons"] == ["first comment of this author"]


def test_in_small_steps_it_becomes_no_other_text_either(
    reader: Reader, moderator: Moderator, known: Json
) -> None:
    comment, key = known["comment"]["id"], known["edit_key"]
    words = ["A", "first", "comment,", "about", "kites", "and", "the", "wind."]
    other = ["Buy", "a", "cheap", "watch", "today,", "only", "here,", "cheap."]
    steps = [" ".join(other[:number] + words[number:]) for number in range(1, len(words) + 1)]

    statuses = [reader.edit(comment, key, text).status_code for text in steps]

    assert statuses[0] == 200
    assert 202 in statuses[: len(words) // 2 + 1]
    assert reader.thread("a-1")["count"] == 0
    moderator.decide("approve", comment)
    assert reader.edit(comment, key, steps[-1] + "!").status_code == 200  # a person read it as it is now


def test_slips_are_corrected_one_after_the_other(reader: Reader, known: Json) -> None:
    comment, key = known["comment"]["id"], known["edit_key"]

    for text in (
        "A first comment, about kites and the wind!",
        "My first comment, about kites and the wind!",
        "My first comment, about kites and wind!",
    ):
        assert reader.edit(comment, key, text).status_code == 200


@pytest.mark.usefixtures("known")
def test_whom_another_comment_vouches_for_may_edit_as_they_like(reader: Reader) -> None:
    second = reader.posted("a-1", "A second comment.")

    edited = reader.edit(second["comment"]["id"], second["edit_key"], "See https://kites.example/ instead.")

    assert edited.status_code == 200


@pytest.mark.parametrize(("state", "status"), [(State.APPROVED, 201), (State.PENDING, 202)])
def test_what_an_import_brought_in_as_approved_vouches_for_its_author(
    service: InProcess, state: State, status: int
) -> None:
    ours = service.app.extensions["commentsvc"]
    brought_in = ImportedComment(
        "a-1", 1, None, "somebody", "Ada", "ada@paper.example", None, "Old.", TestClock.now, state
    )
    load(ours, default_site(ours), [brought_in])
    key = author_key(ours, "somebody")

    assert service.reader(author_key=key).post("a-1").status_code == status
    assert service.reader(author_key=key, email="bo@paper.example").post("a-1").status_code == 202
