"""The whole page is rendered once a version; each reader gets a form token of their own in it."""

from __future__ import annotations

import gzip
import re
from os import urandom as random_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commentsvc.cache.gapped import GappedPage
from commentsvc.cache.store import Answer
from tests.people import Reader
from tests.running_service import InProcess

CODINGS = ["gzip", "br", "identity"]


@given(before=st.binary(max_size=70_000), text=st.binary(max_size=400), after=st.binary(max_size=3000))
def test_what_is_put_together_decodes_to_the_same_bytes(before: bytes, text: bytes, after: bytes) -> None:
    gap = b"the gap, which none of these bytes are"

    page = GappedPage.around(gap, before + gap + after)

    assert page.has_gap
    assert gzip.decompress(page.gzip(text)) == page.plain(text) == before + text + after


@given(page=st.binary(max_size=3000))
def test_a_page_without_a_gap_stays_as_it_is(page: bytes) -> None:
    whole = GappedPage.around(b"the gap, which none of these bytes are", page)

    assert not whole.has_gap
    assert gzip.decompress(whole.gzip(b"")) == page


def token_of(page: str) -> str:
    (token,) = re.findall(r'name="token" value="([^"]+)"', page)
    return str(token)


@pytest.mark.parametrize("coding", CODINGS)
def test_each_reader_gets_a_token_of_their_own_and_the_rest_is_the_same(reader: Reader, coding: str) -> None:
    reader.comment("a")
    headers = {"Accept-Encoding": coding}

    first, second = (reader.http.get("/thread?article=a", headers=headers).text for _ in range(2))

    assert token_of(first) != token_of(second)
    assert first.replace(token_of(first), "") == second.replace(token_of(second), "")


@pytest.mark.parametrize("coding", CODINGS)
def test_the_token_of_a_page_that_was_rendered_before_is_good(reader: Reader, coding: str) -> None:
    page = [reader.http.get("/thread?article=a", headers={"Accept-Encoding": coding}) for _ in range(2)][
        1
    ].text

    sent = reader.http.post(
        "/thread?article=a",
        data={"name": "Ada", "email": "ada@mail.example", "text": "By the page.", "token": token_of(page)},
    )

    assert sent.status_code == 303
    assert reader.thread("a")["count"] == 1


def test_the_page_of_a_closed_thread_has_no_form_and_no_token(service: InProcess) -> None:
    reader = service.reader()
    reader.comment("a")
    open_page = reader.http.get("/thread?article=a").text
    assert service.moderator().set_thread("a", open=False).status_code == 200

    closed = reader.http.get("/thread?article=a").text

    assert 'name="token"' in open_page
    assert 'name="token"' not in closed
    assert closed == reader.http.get("/thread?article=a").text


def test_what_a_page_shows_follows_each_change_at_once(service: InProcess) -> None:
    reader = service.reader()
    comment = reader.comment("a", "Soon to be gone.")
    before = reader.http.get("/thread?article=a").text
    service.moderator().decide("trash", comment)

    after = reader.http.get("/thread?article=a").text

    assert "Soon to be gone." in before
    assert "Soon to be gone." not in after


def test_gzip_is_sent_where_it_is_taken_and_brotli_where_it_is_not(reader: Reader) -> None:
    def coding(accepted: str) -> str | None:
        answer = reader.http.get("/thread?article=a", headers={"Accept-Encoding": accepted})
        return answer.headers.get("Content-Encoding")

    assert coding("gzip, deflate, br, zstd") == "gzip"
    assert coding("br") == "br"
    assert coding("gzip;q=0.5, br") == "br"
    assert coding("identity") is None


def test_a_page_in_one_language_is_not_given_to_a_reader_of_another(reader: Reader) -> None:
    def shown(language: str) -> str:
        return reader.http.get("/thread?article=a", headers={"Accept-Language": language}).text

    assert '<html lang="de"' in shown("de")
    assert '<html lang="en"' in shown("en")
    assert '<html lang="de"' in shown("de")


def test_the_cache_counts_the_bytes_of_such_a_page() -> None:
    page = GappedPage.around(b"gap", random_bytes(50_000) + b"gap" + random_bytes(10_000))

    whole = Answer(None, (), "", [], None, gapped=page)

    assert 60_000 < whole.size() < 80_000
