"""In which coding an answer comes: RFC 9110 §12.5.3, held against a plain model of it."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import brotli
import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.people import Reader
from tests.running_service import InProcess

pytestmark = pytest.mark.any_database

CODINGS = ["br", "gzip", "identity"]  # as we prefer them
DECODE: dict[str, Callable[[bytes], bytes]] = {
    "br": brotli.decompress,
    "gzip": gzip.decompress,
    "identity": bytes,
}
ADDRESSES = [
    "/api/v1/thread?article=coded",
    "/thread/fragment?article=coded",
    "/api/v1/counts?article=coded",
    "/feeds/thread.atom?article=coded",
    "/feeds/site.atom",
    "/feeds/site.json",
    "/embed.js",
]


@pytest.fixture(scope="module")
def service(shared_service: InProcess) -> InProcess:
    shared_service.reader().comment("coded", "Of some *length*, to be worth it. " * 20)
    return shared_service


def raw(reader: Reader, address: str, **headers: str) -> tuple[httpx.Response, bytes]:
    """The answer, and its body as it went over the wire."""
    reader.http.headers.pop("Accept-Encoding", None)
    with reader.http.stream("GET", address, headers=headers) as answer:
        return answer, b"".join(answer.iter_raw())


def asked_for(*weighted: tuple[str, float]) -> str:
    return ", ".join(f"{coding};q={weight:g}" for coding, weight in weighted)


def expected(weighted: list[tuple[str, float]]) -> str | None:
    """The model: what is most liked of what is acceptable; None if nothing is."""
    said: dict[str, float] = {}
    for coding, weight in weighted:
        said[coding.lower()] = max(weight, said.get(coding.lower(), 0))
    liking = {}
    for coding in CODINGS:
        if coding in said:
            liking[coding] = said[coding]
        elif "*" in said:
            liking[coding] = said["*"]
        elif coding == "identity":
            liking[coding] = 0.0001
    best = max(liking.values(), default=0)
    return next((coding for coding in CODINGS if liking.get(coding) == best), None) if best else None


coding = st.sampled_from([*CODINGS, "*", "GZIP", "deflate", "zstd", "x-unknown"])
weight = st.sampled_from([0.0, 0.001, 0.5, 1.0])


@pytest.mark.soak
@given(weighted=st.lists(st.tuples(coding, weight), max_size=5), address=st.sampled_from(ADDRESSES))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_each_reader_gets_the_coding_liked_most(
    reader: Reader, weighted: list[tuple[str, float]], address: str
) -> None:
    _, plain = raw(reader, address)

    answer, body = raw(reader, address, **{"Accept-Encoding": asked_for(*weighted)})

    wanted = expected(weighted)
    if wanted is None:
        assert answer.status_code == 406
        assert answer.headers["Content-Type"] == "application/problem+json"
        return
    assert answer.status_code == 200
    assert answer.headers.get("Content-Encoding", "identity") == wanted
    assert answer.headers["Content-Length"] == str(len(body))
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert DECODE[wanted](body) == plain


def test_who_says_nothing_gets_it_as_it_is(reader: Reader) -> None:
    answer, body = raw(reader, ADDRESSES[0])

    assert "Content-Encoding" not in answer.headers
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert body.startswith(b"{")


@pytest.mark.parametrize("garbage", ["", ",", ";q=1", "br;q=x", "gzip;;;q=", "br;q=2", "q" * 300, "br" * 40])
def test_a_header_that_says_nothing_is_no_error(reader: Reader, garbage: str) -> None:
    answer, _ = raw(reader, ADDRESSES[0], **{"Accept-Encoding": garbage})

    assert answer.status_code == 200


def test_each_coding_has_a_tag_of_its_own(reader: Reader) -> None:
    tags = {
        coding: raw(reader, ADDRESSES[0], **{"Accept-Encoding": coding})[0].headers["ETag"]
        for coding in CODINGS
    }

    assert len(set(tags.values())) == 3
    for coding in CODINGS:
        for of, tag in tags.items():
            again, body = raw(reader, ADDRESSES[0], **{"Accept-Encoding": coding, "If-None-Match": tag})
            assert again.status_code == (304 if of == coding else 200), (coding, of)
            assert (body == b"") == (of == coding)


@pytest.mark.parametrize("header", [{"Range": "bytes=0-9"}, {"Range": "bytes=-1"}, {"Range": "lines=1"}])
def test_a_part_cannot_be_asked_for_and_the_whole_is_sent(reader: Reader, header: dict[str, str]) -> None:
    _, body = raw(reader, ADDRESSES[0])

    answer, same = raw(reader, ADDRESSES[0], **header)

    assert (answer.status_code, same) == (200, body)


tags = st.lists(
    st.sampled_from(["{}", "W/{}", '"other"', 'W/"other"', "*", "garbage", '"', '""', "", "W/", '"a b"']),
    max_size=4,
)


@given(parts=tags, separator=st.sampled_from([", ", ",", " , "]))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_list_of_tags_is_read_whatever_stands_in_it(
    reader: Reader, parts: list[str], separator: str
) -> None:
    tag = raw(reader, ADDRESSES[0])[0].headers["ETag"]
    sent = separator.join(parts).replace("{}", tag)

    answer, _ = raw(reader, ADDRESSES[0], **{"If-None-Match": sent})

    if all(part in {"{}", "W/{}", '"other"', 'W/"other"'} for part in parts):  # well-formed
        assert answer.status_code == (304 if {"{}", "W/{}"} & set(parts) else 200)
    elif parts == ["*"]:
        assert answer.status_code == 304
    else:
        assert answer.status_code in {200, 304}


@pytest.mark.parametrize("coding", ["br", "gzip"])
def test_the_whole_page_is_compressed(reader: Reader, coding: str) -> None:
    for _ in range(5):
        reader.comment("a", "A comment that says what many others say as well. " * 5)
    plain = reader.http.get("/thread?article=a", headers={"Accept-Encoding": "identity"})

    answer = reader.http.get("/thread?article=a", headers={"Accept-Encoding": coding})

    assert answer.headers["Content-Encoding"] == coding
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers["Cache-Control"] == "no-store"
    assert int(answer.headers["Content-Length"]) < len(plain.content) / 2
    assert "A comment that says" in answer.text


def test_a_page_that_shows_what_was_typed_or_a_private_link_is_not(reader: Reader) -> None:
    accept = {"Accept-Encoding": "br"}

    refused = reader.http.post("/thread?article=a", data={"text": "mine"}, headers=accept)
    own = reader.http.get("/thread?article=a&own=x.1.y", headers=accept)

    assert "Content-Encoding" not in refused.headers
    assert "Content-Encoding" not in own.headers
