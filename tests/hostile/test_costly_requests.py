"""Requests that are cheap to send must be cheap to refuse, and count."""

from __future__ import annotations

import time

import pytest

from tests.conftest import MakeService
from tests.people import Moderator, Reader
from tests.running_service import InProcess

# Normalised, these marks are sorted: in quadratic time, 15 s for so many.
MARKS = "a" + "\u0301" * 44_000 + "\u0323" * 44_000
SECONDS = 1.0  # of processor time; what is refused at once takes some milliseconds


@pytest.mark.alone
@pytest.mark.parametrize(
    "field", ["name", "email", "url", "article", "title", "page_url", "author_key", "parent"]
)
def test_a_pile_of_marks_in_a_field_is_refused_at_once(reader: Reader, field: str) -> None:
    began = time.process_time()
    answer = reader.send(reader.submission("a") | {field: MARKS})

    assert answer.status_code < 500
    assert time.process_time() - began < SECONDS


def test_a_pile_of_marks_at_the_sign_in_is_refused_at_once(service: InProcess) -> None:
    http = service.http()
    began = time.process_time()
    answer = http.post("/moderation/sign-in", data={"email": MARKS, "password": MARKS})

    assert answer.status_code in {413, 422}
    assert time.process_time() - began < SECONDS


def test_a_letter_of_a_text_has_few_marks(reader: Reader) -> None:
    answer = reader.post("a", "Zalgo: e" + "\u0301" * 31)

    assert answer.status_code == 422
    assert answer.json()["errors"] == {"text": ["A letter has at most 30 marks above and below it."]}
    assert reader.post("a", "e\u0301\u0323 and e" + "\u0301" * 30).status_code == 201


def test_many_blocked_words_cost_little(reader: Reader, moderator: Moderator) -> None:
    for number in range(40):
        moderator.block("word", f"word {number}", "hold")
    text = ("e" + "\u0301" * 29) * 300
    began = time.process_time()

    assert reader.post("a", text).status_code == 201
    assert time.process_time() - began < SECONDS


@pytest.mark.parametrize(
    "request_of",
    [
        {"content": "text=a", "headers": {"Content-Type": "text/plain"}},
        {"data": {"text": "a"}, "headers": {"Origin": "https://evil.example"}},
        {"data": {}},
    ],
)
def test_a_page_that_is_shown_again_counts_as_read(
    make_service: MakeService, request_of: dict[str, object]
) -> None:
    http = make_service(RATE_LIMIT_READ="3 per minute").http()

    answers = [http.post("/thread?article=a", **request_of).status_code for _ in range(4)]

    assert 429 not in answers[:3]
    assert answers[3] == 429


@pytest.mark.parametrize("path", ["/moderation//sign-in", "/api/v1//thread?article=a", "/thread//own"])
def test_no_answer_takes_an_address_from_the_host_header(service: InProcess, path: str) -> None:
    answer = service.http().get(path, headers={"Host": "evil.example"})

    assert answer.status_code == 404
    assert "evil.example" not in answer.text + str(answer.headers)
