"""`decision_id`: what a client sends again, since it never saw the answer, is answered as it was, and done once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx

from tests.people import Moderator, Reader
from tests.running_service import InProcess


def send(moderator: Moderator, name: str, **body: Any) -> httpx.Response:
    return moderator.request("POST", "/decisions", json={"decision_id": name} | body)


def test_the_answer_is_that_of_the_first(reader: Reader, moderator: Moderator) -> None:
    comment = reader.comment("a")
    first = send(moderator, "d-1", ids=[comment, "nothing"], action="spam")
    log = moderator.request("GET", "/decisions").json()

    again = send(moderator, "d-1", ids=[comment, "nothing"], action="spam")

    assert again.json() == first.json()
    assert first.json()["decided"][0]["decision"] is not None
    assert moderator.request("GET", "/decisions").json() == log


def test_sent_again_after_its_undo_it_changes_nothing(reader: Reader, moderator: Moderator) -> None:
    comment = reader.comment("a")
    first = send(moderator, "d-1", ids=[comment], action="spam").json()
    moderator.request(
        "POST", "/decisions/undo", json={"decisions": [first["decided"][0]["decision"]]}
    ).raise_for_status()

    assert send(moderator, "d-1", ids=[comment], action="spam").json() == first
    assert reader.thread("a")["count"] == 1


def test_another_content_under_that_id_is_refused(reader: Reader, moderator: Moderator) -> None:
    comment = reader.comment("a")
    send(moderator, "d-1", ids=[comment], action="spam")

    answer = send(moderator, "d-1", ids=[comment], action="trash")

    assert answer.status_code == 409
    assert "d-1" in answer.json()["detail"]
    assert moderator.queue()[0]["state"] == "spam"


def test_each_person_has_ids_of_their_own(service: InProcess, reader: Reader, moderator: Moderator) -> None:
    comment, other = reader.comment("a"), service.moderator()
    send(moderator, "d-1", ids=[comment], action="spam")

    answer = send(other, "d-1", ids=[comment], action="trash")

    assert (answer.status_code, answer.json()["decided"][0]["to"]) == (200, "trash")


def test_all_of_an_author_are_decided_about_once(reader: Reader, moderator: Moderator) -> None:
    reader.author_key = reader.posted("a")["author_key"]
    reader.comment("b")
    author = moderator.queue()[0]["author_id"]
    first = send(moderator, "d-1", author=author, action="spam")
    reader.comment("c", "After it.")

    again = send(moderator, "d-1", author=author, action="spam")

    assert len(first.json()["decided"]) == 2
    assert again.json() == first.json()
    assert reader.thread("c")["count"] == 1


def test_at_the_same_time_it_is_done_once(reader: Reader, moderator: Moderator) -> None:
    comment = reader.comment("a")

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: send(moderator, "d-1", ids=[comment], action="hold"), range(4)))

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert len(moderator.request("GET", "/decisions").json()["decisions"]) == 1


def test_an_id_has_up_to_64_characters(reader: Reader, moderator: Moderator) -> None:
    comment = reader.comment("a")

    assert send(moderator, "x" * 64, ids=[comment], action="hold").status_code == 200
    assert send(moderator, "x" * 65, ids=[comment], action="hold").status_code == 422
    assert send(moderator, "", ids=[comment], action="hold").status_code == 422


def test_an_answer_as_staff_sent_again_is_the_same_one(service: InProcess, reader: Reader) -> None:
    comment, moderator, other = reader.comment("a"), service.moderator(), service.moderator()

    def answer(by: Moderator, text: str = "We open at nine.") -> str:
        given = by.request("POST", "/comments", json={"parent": comment, "text": text})
        assert given.status_code == 201
        return str(given.json()["id"])

    first = answer(moderator)

    assert answer(moderator) == first
    assert reader.thread("a")["count"] == 2
    assert answer(other) != first
    assert answer(moderator, "And at ten on Sundays.") != first
    moderator.decide("trash", first)
    assert answer(moderator) != first  # theirs is gone, and they want it again


def test_after_ten_minutes_one_may_say_the_same_again(
    service: InProcess, reader: Reader, moderator: Moderator
) -> None:
    comment = reader.comment("a")
    answers = {"parent": comment, "text": "We open at nine."}
    first = moderator.request("POST", "/comments", json=answers).json()["id"]
    note = moderator.request("POST", f"/comments/{comment}/notes", json={"text": "Asked."}).json()["id"]

    service.clock.now += timedelta(minutes=11)

    assert moderator.request("POST", "/comments", json=answers).json()["id"] != first
    assert (
        moderator.request("POST", f"/comments/{comment}/notes", json={"text": "Asked."}).json()["id"] != note
    )


def test_a_note_sent_again_is_the_same_one(service: InProcess, reader: Reader) -> None:
    path = f"/comments/{reader.comment('a')}/notes"
    moderator, other = service.moderator(), service.moderator()

    def note(by: Moderator, text: str) -> str:
        return str(by.request("POST", path, json={"text": text}).json()["id"])

    first = note(moderator, "Asked.")

    assert note(moderator, "Asked. ") == first
    assert note(other, "Asked.") != first
    assert note(moderator, "Asked.") != first  # another one noted something in between
