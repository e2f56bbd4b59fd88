"""No header is parsed that is longer than it needs to be, and nothing of a long one is remembered."""

from __future__ import annotations

import pytest

from commentsvc.serving.bounded_headers import LONGEST_HEADER
from tests.people import Reader
from tests.running_service import InProcess

LONG = LONGEST_HEADER + 1
WISHES = {
    "Accept": "text/html;q=0.1,",
    "Accept-Encoding": "br;q=0.1,",
    "Accept-Language": "de-x;q=0.1,",
    "If-None-Match": 'W/"x",',
    "If-Modified-Since": "x",
    "Range": "bytes=0-1,",
    "Cookie": "commentsvc_session=b;",
    "Authorization": "Bearer a ",
    "Content-Type": "text/plain;",
    "Referer": "https://paper.example/",
}
NEEDED = {"Origin": "https://a", "Idempotency-Key": "k", "X-Forwarded-For": "192.0.2.1, "}


@pytest.mark.parametrize("name", WISHES)
@pytest.mark.parametrize(
    "path", ["/api/v1/thread?article=a", "/thread?article=a", "/thread/fragment?article=a"]
)
def test_a_wish_that_is_too_long_is_none(reader: Reader, name: str, path: str) -> None:
    plain = reader.http.get(path)

    answer = reader.http.get(path, headers={name: (WISHES[name] * LONG)[:LONG]})

    assert answer.status_code == 200
    assert answer.headers.get("Content-Encoding") is None or plain.headers.get("Content-Encoding") is not None
    assert (
        answer.headers["Content-Language" if "Content-Language" in plain.headers else "Content-Type"]
        == (plain.headers["Content-Language" if "Content-Language" in plain.headers else "Content-Type"])
    )


@pytest.mark.parametrize("name", NEEDED)
def test_what_matters_and_is_too_long_is_refused(reader: Reader, name: str) -> None:
    answer = reader.http.get("/thread?article=a", headers={name: (NEEDED[name] * LONG)[:LONG]})

    assert answer.status_code == 431
    assert answer.json()["status"] == 431


def test_a_header_of_ordinary_length_works(reader: Reader) -> None:
    many = ", ".join(f"l{number};q=0.1" for number in range(200)) + ", de"

    answer = reader.http.get("/thread?article=a", headers={"Accept-Language": many})

    assert answer.headers["Content-Language"] == "de"


def test_long_language_tags_are_not_remembered(service: InProcess) -> None:
    from commentsvc import messages

    before = messages._known.cache_info().currsize
    for number in range(50):
        service.reader().get("/thread", article="a", lang=f"de-{number}-{'x' * 100}")

    assert messages._known.cache_info().currsize <= before + 1
