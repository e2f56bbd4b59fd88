"""`decision_id`: what a client sends again, since it never saw the answer, is answered as it was, and done once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
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
