"""In the mode `first`, trust hangs on the author key and never on an address that anyone can type."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conftest import MakeService
from tests.people import Json, Moderator, Reader
from tests.running_service import InProcess


@pytest.fixture
def service(make_service: MakeService) -> InProcess:
    return make_service(MODERATION="first")


@pytest.fixture
def approved(reader: Reader, moderator: Moderator) -> Json:
    """The answer to a first comment, which a moderator has approved since."""
    posted = reader.posted("a-1", "First.")
    moderator.decide("approve", posted["comment"]["id"])
    return posted


def test_a_stranger_waits(reader: Reader, moderator: Moderator) -> None:
    answer = reader.post("a-1", "First.")

    assert (answer.status_code, answer.json()["state"]) == (202, "pending")
    assert reader.thread("a-1")["count"] == 0
    assert [comment["text"] for comment in moderator.queue(state="pending")] == ["First."]


def test_who_was_approved_once_waits_no_more(reader: Reader, approved: Json) -> None:
    answer = reader.post("a-2", "Second.", author_key=approved["author_key"])

    assert answer.status_code == 201
    assert reader.texts("a-2") == ["Second."]


def test_the_same_person_may_change_the_name(reader: Reader, approved: Json) -> None:
    answer = reader.post("a-1", name="Ada New", author_key=approved["author_key"])

    assert answer.status_code == 201


def test_who_types_another_address_is_a_stranger_for_that_comment_alone(
    reader: Reader, approved: Json
) -> None:
    key = approved["author_key"]

    assert reader.post("a-1", email="new@paper.example", author_key=key).status_code == 202
    assert reader.post("a-1", email=f" {reader.email.upper()} ", author_key=key).status_code == 201


def test_the_same_key_comes_back_and_strangers_get_their_own(reader: Reader, approved: Json) -> None:
    known = reader.posted("a-1", author_key=approved["author_key"])
    stranger = reader.posted("a-1")

    assert known["author_key"] == approved["author_key"]
    assert stranger["author_key"] != approved["author_key"]


def test_the_same_address_without_the_key_waits(reader: Reader, approved: Json) -> None:
    assert reader.post("a-1").status_code == 202


def test_while_the_first_comment_waits_so_does_the_second(reader: Reader) -> None:
    first = reader.posted("a-1")

    assert reader.post("a-1", author_key=first["author_key"]).status_code == 202


@pytest.mark.parametrize("action", ["hold", "spam", "trash", "purge"])
def test_trust_goes_with_the_comment_that_earned_it(
    reader: Reader, moderator: Moderator, approved: Json, action: str
) -> None:
    moderator.decide(action, approved["comment"]["id"])

    assert reader.post("a-1", author_key=approved["author_key"]).status_code == 202


def test_trust_is_earned_on_each_site(service: InProcess, reader: Reader, approved: Json) -> None:
    service.run("site", "add", "blog", "--origin", "https://blog.example")

    assert reader.post("a-1", site="blog", author_key=approved["author_key"]).status_code == 202


FORGED = {
    "another id": lambda key: ("x" if key[0] != "x" else "y") + key[1:],
    "another signature": lambda key: key[:-1] + ("x" if key[-1] != "x" else "y"),
    "cut": lambda key: key[:-1],
    "prolonged": lambda key: key + "x",
    "the id alone": lambda key: key.partition(".")[0],
    "a dot": lambda key: ".",
    "empty": lambda key: "",
    "garbage": lambda key: "\0é🙂" * 1000,
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_who_forges_a_key_is_a_stranger(reader: Reader, approved: Json, forge: Callable[[str], str]) -> None:
    answer = reader.post("a-1", author_key=forge(approved["author_key"]))

    assert answer.status_code == 202
    assert answer.json()["author_key"] not in {approved["author_key"], forge(approved["author_key"])}


def test_an_edit_key_or_a_key_of_another_service_is_no_author_key(
    make_service: MakeService, reader: Reader, approved: Json
) -> None:
    elsewhere = make_service().reader().posted("a-1")["author_key"]

    for key in (approved["edit_key"], elsewhere):
        assert reader.post("a-1", author_key=key).status_code == 202


def test_where_nobody_waits_a_key_is_given_all_the_same(make_service: MakeService) -> None:
    reader = make_service(MODERATION="none").reader()

    first = reader.posted("a-1")

    assert reader.posted("a-1", author_key=first["author_key"])["author_key"] == first["author_key"]


def test_where_all_wait_a_known_author_waits_too(make_service: MakeService) -> None:
    service = make_service(MODERATION="all")
    reader = service.reader()
    posted = reader.posted("a-1")
    service.moderator().decide("approve", posted["comment"]["id"])

    assert reader.post("a-1", author_key=posted["author_key"]).status_code == 202


def test_a_site_may_have_a_mode_of_its_own(service: InProcess, reader: Reader) -> None:
    service.run("site", "add", "blog", "--origin", "https://blog.example")
    service.run("site", "set", "blog", "--moderation", "none")

    assert reader.post("a-1", site="blog").status_code == 201
    assert reader.post("a-1").status_code == 202


def test_a_key_is_not_part_of_the_content_that_is_sent_again(reader: Reader, approved: Json) -> None:
    submission = reader.submission("a-1", author_key=approved["author_key"])
    first = reader.send(submission)

    again = reader.send(submission | {"author_key": None})

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.content == first.content
