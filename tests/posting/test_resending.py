"""However often and however concurrently a posting is sent, it makes one comment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from tests.conftest import MakeService
from tests.people import Moderator, Reader
from tests.posting.problems import problem_of
from tests.running_service import InProcess


@pytest.mark.parametrize("mode", ["none", "first", "all"])
def test_the_same_again_gives_the_same_answer_byte_for_byte(make_service: MakeService, mode: str) -> None:
    service = make_service(MODERATION=mode)
    reader = service.reader()
    submission = reader.submission("a-1", "Once.\r\nOnly *once*.", url="bo.example", name=" Ada  Sample ")
    first = reader.send(submission)
    service.clock.move(minutes=1)

    again = [reader.send(submission) for _ in range(3)]

    assert first.status_code == (201 if mode == "none" else 202)
    assert [answer.status_code for answer in again] == [200, 200, 200]
    assert {answer.content for answer in again} == {first.content}
    assert len(service.moderator().queue(article="a-1")) == 1


def test_the_same_from_another_address_is_the_same(service: InProcess, reader: Reader) -> None:
    submission = reader.submission("a-1")
    first = reader.send(submission)

    again = service.reader("198.51.100.7").send(submission)

    assert (again.status_code, again.content) == (200, first.content)


OTHER: dict[str, Any] = {
    "text": "Another text.",
    "name": "Another",
    "email": "another@paper.example",
    "url": "https://another.example/",
    "parent": "aaaaaaaaaaaaaaaa",
}


@pytest.mark.parametrize("field", OTHER)
def test_another_content_is_in_conflict_and_changes_nothing(
    reader: Reader, moderator: Moderator, field: str
) -> None:
    submission = reader.submission("a-1", "Once.")
    reader.send(submission)
    before = moderator.queue(article="a-1")

    answer = reader.send(submission | {field: OTHER[field]})

    problem_of(answer, 409, "token-spent")
    assert moderator.queue(article="a-1") == before


def test_another_article_is_no_resending(reader: Reader) -> None:
    submission = reader.submission("a-1")
    reader.send(submission)

    assert reader.send(submission | {"article": "a-2"}).status_code == 422
    assert reader.thread("a-2")["count"] == 0


@pytest.mark.parametrize("mode", ["none", "all"])
def test_many_at_once_make_one_comment(make_service: MakeService, mode: str) -> None:
    service = make_service(MODERATION=mode)
    reader = service.reader()
    submission = reader.submission("a-1", "Once.")
    readers, together = [service.reader() for _ in range(8)], Barrier(8)

    def send(reader: Reader) -> tuple[int, bytes]:
        together.wait(10)
        answer = reader.send(submission)
        return answer.status_code, answer.content

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, readers))

    assert sorted(status for status, _ in answers) == [200] * 7 + [201 if mode == "none" else 202]
    assert len({body for _, body in answers}) == 1
    assert len(service.moderator().queue(article="a-1")) == 1


def test_of_many_contents_at_once_one_wins_and_the_others_are_in_conflict(service: InProcess) -> None:
    submission = service.reader().submission("a-1")
    readers, together = [service.reader() for _ in range(6)], Barrier(6)

    def send(number: int) -> int:
        together.wait(10)
        return readers[number].send(submission | {"text": f"number {number}"}).status_code

    with ThreadPoolExecutor(6) as pool:
        statuses = list(pool.map(send, range(6)))

    assert sorted(statuses) == [201, 409, 409, 409, 409, 409]
    assert service.reader().texts("a-1") == [f"number {statuses.index(201)}"]


def test_many_different_comments_at_once_are_all_kept(service: InProcess) -> None:
    readers = [service.reader() for _ in range(6)]
    submissions = [readers[0].submission("a-1", f"number {number}") for number in range(12)]

    with ThreadPoolExecutor(6) as pool:
        statuses = list(pool.map(lambda n: readers[n % 6].send(submissions[n]).status_code, range(12)))

    assert statuses == [201] * 12
    assert sorted(readers[0].texts("a-1")) == sorted(s["text"] for s in submissions)
    assert readers[0].thread("a-1")["count"] == 12


def test_a_resending_costs_nothing_of_the_limit(make_service: MakeService) -> None:
    reader = make_service(RATE_LIMIT_POST="1 per minute").reader()
    submission = reader.submission("a-1")
    reader.send(submission)
    problem_of(reader.post("a-1"), 429, "rate-limited")

    assert reader.send(submission).status_code == 200


def test_a_resending_is_answered_though_the_thread_was_closed(reader: Reader, moderator: Moderator) -> None:
    submission = reader.submission("a-1")
    first = reader.send(submission)

    moderator.set_thread("a-1", open=False)

    again = reader.send(submission)
    assert (again.status_code, again.content) == (200, first.content)


def test_a_resending_is_answered_though_the_answered_comment_is_gone(
    reader: Reader, moderator: Moderator
) -> None:
    parent = reader.comment("a-1")
    submission = reader.submission("a-1", parent=parent)
    first = reader.send(submission)

    moderator.decide("trash", parent)

    again = reader.send(submission)
    assert (again.status_code, again.content) == (200, first.content)


def test_a_resending_after_the_approval_says_that_it_is_public(make_service: MakeService) -> None:
    service = make_service(MODERATION="all")
    reader = service.reader()
    submission = reader.submission("a-1")
    first = reader.send(submission).json()

    service.moderator().decide("approve", first["comment"]["id"])

    again = reader.send(submission)
    assert again.status_code == 200
    assert again.json() == {name: value for name, value in first.items() if name != "state"}


def test_a_resending_never_brings_back_what_was_deleted(reader: Reader) -> None:
    submission = reader.submission("a-1")
    posted = reader.send(submission).json()
    reader.delete(posted["comment"]["id"], posted["edit_key"])

    problem_of(reader.send(submission), 409, "token-spent")

    assert reader.thread("a-1")["count"] == 0


def test_a_resending_never_undoes_an_edit(reader: Reader) -> None:
    submission = reader.submission("a-1", "First.")
    posted = reader.send(submission).json()
    reader.edit(posted["comment"]["id"], posted["edit_key"], "Better.")

    again = reader.send(submission)

    assert again.status_code == 200
    assert reader.texts("a-1") == ["Better."]


def test_a_token_that_was_spent_is_never_good_again(service: InProcess, reader: Reader) -> None:
    submission = reader.submission("a-1")
    reader.send(submission)
    service.clock.move(hours=3)
    service.sweep()

    assert reader.send(submission).status_code == 422
    assert reader.thread("a-1")["count"] == 1
