"""Article IDs: any text the publisher likes, the same everywhere, compared after NFC."""

from __future__ import annotations

import json
import re
from html import unescape
from xml.etree import ElementTree as ET

import pytest

from tests.people import Reader
from tests.running_service import InProcess

GOOD = [
    "a-1",
    "2019/04/kim-vladivostok",
    "/",
    "https://paper.example/2019/04/kim?page=2&x=%20#comments",
    "河川/新聞",
    "مقالة",
    "two words",
    " spaces around ",
    "100%",
    "%2F%00%FF",
    "a+b",
    "a&b=c;d",
    "a#b?c",
    '"quoted" <b>\'',
    "../../etc/passwd",
    "🙂",
    "a\tb\nc\x01d",
    "\u200b",
    "x" * 255,
    "é" * 255,
    "o\u0301" * 255,  # 255 characters after NFC
    "null",
    "0",
]
BAD = ["", " ", "\t\n", "\u3000", "a\0b", "\0", "x" * 256, "é" * 256, "x" * 5000]
READS = [
    "/api/v1/thread",
    "/api/v1/counts",
    "/api/v1/form",
    "/thread",
    "/thread/fragment",
    "/feeds/thread.atom",
]
NO_UTF8 = ["%ED%A0%80", "a%FF", "%C3", "%F4%90%80%80", "%C0%80"]


@pytest.fixture(scope="module")
def somebody(shared_service: InProcess) -> Reader:
    """A reader at a service that these tests share."""
    return shared_service.reader()


@pytest.mark.parametrize("article", GOOD, ids=lambda article: ascii(article[:20]))
def test_an_article_is_known_by_its_name_everywhere(somebody: Reader, article: str) -> None:
    page = somebody.get("/thread", article=article).text
    action = unescape(re.search(r'<form[^>]* action="([^"]*)"', page)[1])
    token = re.search(r'name="token" value="([^"]*)"', page)[1]
    typed = {"name": somebody.name, "email": somebody.email, "text": "By the page.", "token": token}

    somebody.comment(article, "By a script.")
    by_page = somebody.http.post(action, data=typed)

    assert by_page.status_code == 303
    assert "<p>By the page.</p>" in somebody.get(by_page.headers["Location"]).text
    assert somebody.texts(article) == ["By a script.", "By the page."]
    assert list(somebody.get("/api/v1/counts", article=article).json()["counts"].values()) == [2]
    assert "<p>By the page.</p>" in somebody.get("/thread/fragment", article=article).text
    feed = ET.fromstring(somebody.get("/feeds/thread.atom", article=article).content)  # noqa: S314 - our own
    assert len(feed.findall("{*}entry")) == 2


def test_composed_and_decomposed_letters_name_the_same_article(reader: Reader) -> None:
    composed, decomposed = "caf\u00e9", "cafe\u0301"
    token = reader.token(decomposed)
    reader.comment(composed, "One.", token=token)
    reader.comment(decomposed, "Two.")

    assert reader.thread(composed) == reader.thread(decomposed)
    assert reader.thread(decomposed)["article"] == composed
    assert reader.texts(composed) == ["One.", "Two."]
    assert reader.get("/api/v1/counts", article=[composed, decomposed]).json() == {"counts": {composed: 2}}


@pytest.mark.parametrize(
    "other", ["A-1", "a-1 ", " a-1", "a-1/", "a\u20111", "\uff41-1", "a-1\u200b", "a%2D1", "a-1?", "a-1\n"]
)
def test_articles_are_the_same_by_their_characters_alone(somebody: Reader, other: str) -> None:
    somebody.comment("a-1")

    assert somebody.thread(other)["count"] == 0
    assert somebody.thread(other)["article"] == other


@pytest.mark.any_database
@pytest.mark.parametrize("path", READS)
@pytest.mark.parametrize("article", BAD, ids=lambda article: ascii(article[:5]) + str(len(article)))
def test_what_is_no_article_id_cannot_be_read(somebody: Reader, path: str, article: str) -> None:
    answer = somebody.get(path, article=article)

    assert answer.status_code == 422
    assert set(answer.json()["errors"]) == {"article"}


@pytest.mark.any_database
@pytest.mark.parametrize("path", READS)
@pytest.mark.parametrize("article", NO_UTF8)
def test_bytes_that_are_no_text_are_no_article_id(somebody: Reader, path: str, article: str) -> None:
    answer = somebody.http.get(f"{path}?article={article}")

    assert answer.status_code == 422
    assert set(answer.json()["errors"]) == {"article"}
    assert somebody.thread(article)["article"] == article  # the text "%FF" is one, and not that byte


@pytest.mark.any_database
@pytest.mark.parametrize("path", READS)
def test_a_read_must_name_its_article(somebody: Reader, path: str) -> None:
    answer = somebody.get(path)

    assert answer.status_code == 422
    assert set(answer.json()["errors"]) == {"article"}


@pytest.mark.any_database
@pytest.mark.parametrize("article", BAD, ids=lambda article: ascii(article[:5]) + str(len(article)))
def test_nothing_is_posted_to_what_is_no_article_id(somebody: Reader, article: str) -> None:
    submission = somebody.submission("a-1") | {"article": article}
    query = {"article": article}

    posted = somebody.send(submission)
    by_form = somebody.http.post("/thread", params=query, data={"text": "Here.", "name": "Ada"})

    assert posted.status_code == by_form.status_code == 422
    assert set(posted.json()["errors"]) == set(by_form.json()["errors"]) == {"article"}


@pytest.mark.any_database
@pytest.mark.parametrize("escape", [r"\ud800", r"\udfff", r"\udc00\ud800", r"a\ud800b"])
def test_an_unpaired_surrogate_is_no_article_id(somebody: Reader, escape: str) -> None:
    sent = json.dumps(somebody.submission("a-1")).replace('"a-1"', f'"{escape}"')

    answer = somebody.http.post(
        "/api/v1/comments", content=sent, headers={"Content-Type": "application/json"}
    )

    assert answer.status_code in {400, 422}


def test_a_paired_surrogate_is_a_character_like_any_other(reader: Reader) -> None:
    sent = json.dumps(reader.submission("🙂", "Here."))
    assert r"\ud83d\ude42" in sent

    answer = reader.http.post("/api/v1/comments", content=sent, headers={"Content-Type": "application/json"})

    assert answer.status_code == 201
    assert reader.texts("🙂") == ["Here."]
