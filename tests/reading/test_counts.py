"""The numbers of comments of many articles, in one request."""

from __future__ import annotations

import pytest

from tests.people import Moderator, Reader
from tests.running_service import InProcess


def counts(reader: Reader, *articles: str, **query: str) -> dict[str, int]:
    answer = reader.get("/api/v1/counts", article=list(articles), **query)
    assert answer.status_code == 200, answer.text
    assert set(answer.json()) == {"counts"}
    return answer.json()["counts"]


def test_each_article_has_its_number_and_an_unknown_one_none(reader: Reader) -> None:
    for article in ("a-1", "a-2", "a-1"):
        reader.comment(article)

    assert counts(reader, "a-1", "never seen", "a-2") == {"a-1": 2, "never seen": 0, "a-2": 1}


def test_an_article_named_twice_is_counted_once(reader: Reader) -> None:
    reader.comment("a-1")

    assert counts(reader, "a-1", "a-1") == {"a-1": 1}


def test_replies_count_and_what_is_not_public_does_not(reader: Reader, moderator: Moderator) -> None:
    first = reader.comment("a-1")
    reply = reader.comment("a-1", parent=first)
    reader.comment("a-1", parent=reply)

    moderator.decide("trash", first)

    assert counts(reader, "a-1") == {"a-1": 2}
    assert reader.thread("a-1")["count"] == 2


def test_sites_are_counted_apart(service: InProcess, reader: Reader) -> None:
    service.run("site", "add", "blog", "--origin", "https://blog.example")
    reader.comment("a-1", site="blog")

    assert counts(reader, "a-1") == {"a-1": 0}
    assert counts(reader, "a-1", site="blog") == {"a-1": 1}


def test_two_hundred_articles_are_counted_and_no_more(reader: Reader) -> None:
    articles = [f"article {number}" for number in range(201)]
    reader.comment("article 199")

    answer = reader.get("/api/v1/counts", article=articles)

    assert sum(counts(reader, *articles[:200]).values()) == 1
    assert answer.status_code == 422
    assert set(answer.json()["errors"]) == {"article"}


def test_a_request_must_name_an_article(reader: Reader) -> None:
    answer = reader.get("/api/v1/counts")

    assert answer.status_code == 422
    assert set(answer.json()["errors"]) == {"article"}


@pytest.mark.parametrize("wrong", [" ", "a\0b", "x" * 256])
def test_one_wrong_article_is_told(reader: Reader, wrong: str) -> None:
    answer = reader.get("/api/v1/counts", article=["a-1", wrong])

    assert answer.status_code == 422
    assert set(answer.json()["errors"]) == {"article"}
