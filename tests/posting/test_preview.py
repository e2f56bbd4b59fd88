"""A preview is exactly what posting would show."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.people import Reader
from tests.posting.problems import errors_of, problem_of
from tests.running_service import InProcess

pytestmark = pytest.mark.any_database

PIECES = [
    "*", "**", "_", "`", "```\n", "~~", "# ", "> ", "- ", "1. ", "---", "[a](https://x.example)", "![b](http://y.example)",
    "<b>", "&amp;", "&lt;", "https://z.example/?a=1&b=2", "\\", "\n", "\n\n", "\r\n", "    ", "\t", "|", "é", "🙂", "\u200b",
    "\u202e", "\x01", "[a]: http://x.example\n", "<!-- -->", "javascript:", "word", " ",
]  # fmt: skip
MARKDOWNISH = st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=25).map("".join)


@pytest.fixture(scope="module")
def reader(shared_service: InProcess) -> Reader:
    return shared_service.reader()


def preview(reader: Reader, text: object) -> httpx.Response:
    return reader.http.post("/api/v1/preview", json={"text": text})


def test_a_preview_is_safe_html(reader: Reader) -> None:
    answer = preview(reader, "*Hello* <b>")

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json() == {"html": "<p><em>Hello</em> &lt;b&gt;</p>"}


@given(text=MARKDOWNISH)
@settings(max_examples=40, deadline=None)
def test_a_preview_is_what_posting_shows(reader: Reader, text: str) -> None:
    previewed, posted = preview(reader, text), reader.post("a-1", text)

    if posted.status_code == 201:
        assert previewed.json() == {"html": posted.json()["comment"]["html"]}
    else:
        assert errors_of(previewed) == errors_of(posted)


@pytest.mark.parametrize("text", ["", " ", "a\0b", "x" * 10_001, "[](http://x.example)", None, 5, ["a"]])
def test_what_posting_refuses_has_no_preview(reader: Reader, text: object) -> None:
    assert set(errors_of(preview(reader, text))) == {"text"}


def test_a_preview_stores_nothing_and_needs_no_token(reader: Reader) -> None:
    before = reader.get("/feeds/site.atom").content

    preview(reader, "Not posted.")

    assert reader.get("/feeds/site.atom").content == before


def test_a_preview_is_asked_for_as_json(reader: Reader) -> None:
    problem_of(reader.http.post("/api/v1/preview", data={"text": "Hello"}), 415)
