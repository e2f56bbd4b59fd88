"""A program with an API token posts without a form token, and once for each of its keys."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.people import Json, Reader, bearer
from tests.posting.problems import errors_of, problem_of
from tests.running_service import InProcess

Send = Callable[..., httpx.Response]


def api_token(service: InProcess, scope: str = "post", *more: str) -> str:
    return service.run("token", "create", "--scope", scope, *more).split()[-1]


def submission(text: str = "From a program.", **fields: str) -> Json:
    return {"article": "a-1", "name": "Bot", "email": "bot@paper.example", "text": text} | fields


@pytest.fixture
def send(service: InProcess, reader: Reader) -> Send:
    """Sends a submission as a program does; *key* is its Idempotency-Key."""
    token = api_token(service)

    def send(sent: Json, key: str | None = None, token: str = token, **headers: str) -> httpx.Response:
        if key is not None:
            headers["Idempotency-Key"] = key
        return reader.send(sent, **bearer(token), **headers)

    return send


def test_a_program_posts_without_a_form_token(send: Send, reader: Reader) -> None:
    answer = send(submission())

    assert answer.status_code == 201
    assert set(answer.json()) == {"comment", "edit_key", "edit_until", "author_key"}
    assert reader.texts("a-1") == ["From a program."]


def test_a_program_is_told_what_is_wrong_as_a_person_is(send: Send) -> None:
    assert set(errors_of(send(submission("", email="bot@")))) == {"text", "email"}


def test_without_a_key_each_post_is_a_comment(send: Send, reader: Reader) -> None:
    assert [send(submission()).status_code for _ in range(2)] == [201, 201]
    assert reader.thread("a-1")["count"] == 2


@pytest.mark.parametrize("key", ["1", "8e03978e-40d5-43dd-bc93-6894a57f9324", '"quoted"', "x" * 1000])
def test_the_same_key_and_content_give_the_same_answer(send: Send, reader: Reader, key: str) -> None:
    first = send(submission(), key)

    again = send(submission(), key)

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.content == first.content
    assert reader.thread("a-1")["count"] == 1


@pytest.mark.parametrize("other", [{"text": "Another."}, {"article": "a-2"}, {"name": "Other"}])
def test_the_same_key_with_another_content_is_in_conflict(send: Send, reader: Reader, other: Json) -> None:
    send(submission(), "key")

    problem_of(send(submission() | other, "key"), 409, "token-spent")

    assert reader.texts("a-1") == ["From a program."]
    assert reader.thread("a-2")["count"] == 0


def test_the_same_key_at_once_makes_one_comment(send: Send, reader: Reader) -> None:
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: send(submission(), "key"), range(6)))

    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
    assert len({answer.content for answer in answers}) == 1
    assert reader.thread("a-1")["count"] == 1


def test_keys_of_two_programs_are_apart(service: InProcess, send: Send, reader: Reader) -> None:
    send(submission("One."), "key")

    assert send(submission("Two."), "key", api_token(service)).status_code == 201
    assert reader.texts("a-1") == ["One.", "Two."]


def test_what_a_program_says_of_an_article_is_no_mere_claim(send: Send, reader: Reader) -> None:
    send(submission(title="A headline", page_url="http://127.0.0.1:5000/post"))

    thread = reader.thread("a-1")
    assert (thread["title"], thread["url"]) == ("A headline", "http://127.0.0.1:5000/post")


@pytest.mark.parametrize("origin", ["https://anywhere.example", "null"])
def test_the_origin_does_not_matter_with_an_api_token(send: Send, origin: str) -> None:
    assert send(submission(), Origin=origin).status_code == 201


@pytest.mark.parametrize("token", ["unknown", "csvc_x", "Bearer", "\t"])
def test_an_unknown_token_posts_nothing(send: Send, reader: Reader, token: str) -> None:
    answer = send(submission(), token=token)

    assert answer.status_code == (403 if token.strip() else 422)  # who sends none is asked for a form token
    assert reader.thread("a-1")["count"] == 0


def test_a_token_for_moderating_does_not_post(service: InProcess, send: Send) -> None:
    problem_of(send(submission(), token=api_token(service, "moderate")), 403)


def test_a_token_for_posting_does_not_moderate(service: InProcess, reader: Reader) -> None:
    answer = reader.http.get("/api/v1/moderation/comments", headers=bearer(api_token(service)))

    problem_of(answer, 403)


def test_a_token_of_one_site_posts_to_that_alone(service: InProcess, send: Send, reader: Reader) -> None:
    service.run("site", "add", "blog", "--origin", "https://blog.example")
    token = api_token(service, "post", "--site", "blog")

    problem_of(send(submission(site="default"), token=token), 403)
    assert send(submission(), token=token).status_code == 201

    assert reader.thread("a-1", site="blog")["count"] == 1
    assert reader.thread("a-1")["count"] == 0
