"""Whatever is sent, the answer is one of the contract's, says what is wrong, and stores nothing."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import create_environ, run_wsgi_app

from tests.people import Reader
from tests.running_service import InProcess

JSON = {"Content-Type": "application/json"}
NOBODYS_KEY = {"Authorization": "Bearer nobody's"}
FIELDS = [
    "article",
    "site",
    "parent",
    "name",
    "email",
    "url",
    "text",
    "token",
    "author_key",
    "title",
    "page_url",
]


@pytest.fixture(scope="module")
def stored(shared_service: InProcess) -> Callable[[], list[int]]:
    """Tells how much is stored."""

    def count() -> list[int]:
        database = sqlite3.connect(shared_service.data_dir / "comments.db")
        tables = ("thread", "comment", "address", "spent_token", "decision")
        counted = [database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables]
        database.close()
        return counted

    return count


@pytest.fixture(scope="module")
def shared_reader(shared_service: InProcess) -> Reader:
    return shared_service.reader()


@pytest.fixture
def reader(shared_reader: Reader, stored: Callable[[], list[int]]) -> Any:
    """Somebody who sends what cannot be taken; nothing of it may be stored."""
    before = stored()
    yield shared_reader
    assert stored() == before


def assert_refused(answer: httpx.Response, *statuses: int) -> None:
    """The answer is a problem (RFC 9457) of one of these statuses, and shows nothing of our inside."""
    assert answer.status_code in statuses, f"{answer.status_code} {answer.text[:500]}"
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert isinstance(problem["detail"], str)
    assert problem["detail"]
    assert "Traceback" not in answer.text
    assert "sqlite" not in answer.text.lower()


MALFORMED = {
    "nothing": b"",
    "blank": b" \n",
    "cut": b'{"text": "a',
    "a comma too many": b'{"text": "a",}',
    "two objects": b"{}{}",
    "single quotes": b"{'text': 'a'}",
    "a comment": b'{"text": "a"} // hello',
    "not a number": b'{"text": NaN}',
    "infinity": b'{"text": Infinity}',
    "control character": b'{"text": "a\nb"}',
    "not UTF-8": b'{"text": "\xff"}',
    "Latin-1": '{"text": "é"}'.encode("latin-1"),
    "cut UTF-8": b'{"text": "\xc3"}',
    "a surrogate in UTF-8": b'{"text": "\xed\xa0\x80"}',
    "overlong UTF-8": b'{"text": "\xc0\x80"}',
    "UTF-16": '{"text": "a"}'.encode("utf-16"),
    "UTF-32": '{"text": "a"}'.encode("utf-32-le"),
    "a byte order mark": b'\xef\xbb\xbf{"text": "a"}',
    "an array": b'[{"text": "a"}]',
    "a string": b'"text"',
    "a number": b"5",
    "null": b"null",
    "true": b"true",
    "100,000 arrays": b"[" * 50_000 + b"]" * 50_000,
    "nested objects": b'{"text":' * 20_000 + b"1" + b"}" * 20_000,
    "nested and cut": b"[" * 100_000,
    "a wrong escape": rb'{"text": "\x41"}',
    "a surrogate escape alone": rb'{"text": "\ud800"}',
    "surrogate escapes the wrong way round": rb'{"text": "\udc00\ud800"}',
    "NUL bytes": b"\0" * 100,
    "HTML": b"<html></html>",
    "a form": b"text=a&name=b",
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED)
@pytest.mark.parametrize("path", ["/api/v1/comments", "/api/v1/preview"])
def test_what_is_no_json_object_is_malformed(reader: Reader, path: str, body: bytes) -> None:
    assert_refused(reader.http.post(path, content=body, headers=JSON), 400)


@pytest.mark.parametrize("body", [MALFORMED["cut"], MALFORMED["an array"], MALFORMED["not UTF-8"]])
def test_an_edit_that_is_malformed_is_refused(reader: Reader, body: bytes) -> None:
    answer = reader.http.patch("/api/v1/comments/x", content=body, headers=JSON | NOBODYS_KEY)

    assert_refused(answer, 400, 403)


@pytest.mark.parametrize("value", [0, -1.5, False, [], {"a": "b"}, 10**30], ids=str)
@pytest.mark.parametrize("field", FIELDS)
def test_a_field_that_is_no_text_is_named(reader: Reader, field: str, value: Any) -> None:
    submission = reader.submission("a-1") | {field: value}

    answer = reader.send(submission)

    assert_refused(answer, 422)
    assert set(answer.json()["errors"]) == {field}


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize(
    "text", ["\0", "\ufeff\ufffe\U0010ffff", "x" * 100_000, "%s%n{0}${x}", "\u202e\u200b"], ids=ascii
)
def test_odd_texts_in_any_field_do_no_harm(shared_reader: Reader, field: str, text: str) -> None:
    submission = shared_reader.submission("odd") | {field: text}

    answer = shared_reader.send(submission)

    assert answer.status_code in {201, 404, 409, 413, 422}, answer.text
    if answer.status_code != 201:
        assert_refused(answer, answer.status_code)


def test_of_a_field_given_twice_one_counts(shared_reader: Reader) -> None:
    sent = json.dumps(shared_reader.submission("twice", "One."))[:-1] + ', "text": "Two."}'

    answer = shared_reader.http.post("/api/v1/comments", content=sent, headers=JSON)

    assert answer.status_code == 201
    assert shared_reader.texts("twice") in (["One."], ["Two."])


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("POST", "/api/v1/comments", JSON),
        ("POST", "/api/v1/preview", JSON),
        ("PATCH", "/api/v1/comments/x", JSON | NOBODYS_KEY),
        ("POST", "/api/v1/comments", {}),
    ],
)
def test_ten_megabytes_are_too_large(reader: Reader, method: str, path: str, headers: dict[str, str]) -> None:
    body = b'{"text": "' + b"x" * 10_000_000 + b'"}'

    assert_refused(reader.http.request(method, path, content=body, headers=headers), 413)


def test_a_form_of_ten_megabytes_is_too_large(reader: Reader) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}

    answer = reader.http.post("/thread?article=a-1", content=b"text=" + b"x" * 10_000_000, headers=form)

    assert answer.status_code == 413


def test_the_longest_text_in_its_longest_spelling_is_not_too_large(shared_reader: Reader) -> None:
    submission = shared_reader.submission("long") | {"text": "🙂" * 10_000}  # 12 bytes each, escaped

    answer = shared_reader.http.post("/api/v1/comments", content=json.dumps(submission), headers=JSON)

    assert answer.status_code == 201


@pytest.mark.parametrize(
    "content_type",
    [
        None, "", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/xml", "json",
        "application/json5", "text/json", "application", "/", ";;;", "application/octet-stream", "x" * 5000,
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/api/v1/comments", "/api/v1/preview"])
def test_another_type_of_content_is_unsupported(reader: Reader, path: str, content_type: str | None) -> None:
    headers = {} if content_type is None else {"Content-Type": content_type}

    assert_refused(reader.http.post(path, content=b'{"text": "a"}', headers=headers), 415)


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", "APPLICATION/JSON", "application/json ; a=b"]
)
def test_json_is_json_however_its_type_is_written(shared_reader: Reader, content_type: str) -> None:
    headers = {"Content-Type": content_type}

    answer = shared_reader.http.post("/api/v1/preview", content=b'{"text": "a"}', headers=headers)

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/api/v1/comments", {"POST"}),
        ("GET", "/api/v1/comments", {"POST"}),
        ("POST", "/api/v1/comments/x", {"GET", "PATCH", "DELETE"}),
        ("POST", "/api/v1/thread", {"GET"}),
        ("DELETE", "/api/v1/thread", {"GET"}),
        ("PUT", "/thread", {"GET", "POST"}),
        ("GET", "/api/v1/preview", {"POST"}),
        ("POST", "/feeds/site.atom", {"GET"}),
        ("PATCH", "/embed.js", {"GET"}),
        ("TRACE", "/api/v1/thread", {"GET"}),
        ("BREW", "/api/v1/thread", {"GET"}),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(
    reader: Reader, method: str, path: str, allowed: set[str]
) -> None:
    answer = reader.http.request(method, path)

    assert_refused(answer, 405)
    assert allowed <= {name.strip() for name in answer.headers["Allow"].split(",")}
    assert method not in answer.headers["Allow"]


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        "/api",
        "/api/v1/",
        "/api/v2/thread",
        "/thread/",
        "/thread/../etc",
        "/.env",
        "/a%00b",
        "/x" * 2000,
    ],
)
def test_an_unknown_address_is_not_found(reader: Reader, path: str) -> None:
    assert_refused(reader.http.get(path), 404)


QUERIES = [
    "", "?", "?&&&", "?=", "?article", "?article=", "?article=&article=", "?%%%", "?article=%", "?article=%zz", "?article=a;b=c",
    "?article[]=a", "?article=a&article=b&limit=1&limit=x", "?limit=1&order=oldest", "?article=a&cursor=", "?article=a&limit=",
    "?article=a&order=", "?article=a&site=", "?article=a&comment=%00", "?article=a&comment=%ED%A0%80", "?article=a&cursor=%FF",
    "?article=a&unknown=1", "?article=a" + "&x=1" * 5000, "?article=a&limit=%D9%A3", "?article=a&site=%FF", "?article=a&reply_to=%00%FF",
    "?" + "a" * 20_000, "?article=" + "%F0%9F%99%82" * 255, "?article=a&held[]=1", "?article=a%0D%0AX-Injected:%201",
]  # fmt: skip
READS = [
    "/api/v1/thread",
    "/api/v1/counts",
    "/api/v1/form",
    "/thread",
    "/thread/fragment",
    "/feeds/thread.atom",
    "/feeds/site.atom",
    "/feeds/site.json",
]


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query[:30])
@pytest.mark.parametrize("path", READS)
def test_an_odd_query_is_read_or_refused(reader: Reader, path: str, query: str) -> None:
    answer = reader.http.get(path + query)

    assert "X-Injected" not in answer.headers
    if answer.status_code != 200:
        assert_refused(answer, 404, 422)


@pytest.mark.parametrize(
    "query", ["article=\xff", "article=a&order=\xff", "article=a&site=\xff", "\xff", "article=\xed\xa0\x80"]
)
@pytest.mark.parametrize("path", READS)
def test_raw_bytes_in_a_query_are_read_or_refused(
    shared_service: InProcess, reader: Reader, path: str, query: str
) -> None:
    environ = create_environ(path)
    environ["QUERY_STRING"] = query  # as servers hand it over: bytes as Latin-1 (PEP 3333)

    _, status, headers = run_wsgi_app(shared_service.app.wsgi_app, environ)

    assert int(status[:3]) in {200, 404, 422}
    assert int(status[:3]) == 200 or headers["Content-Type"] == "application/problem+json"


def test_raw_utf_8_in_a_query_is_what_it_says(shared_service: InProcess, reader: Reader) -> None:
    environ = create_environ("/api/v1/thread")
    environ["QUERY_STRING"] = "article=caf\xc3\xa9"

    body, _, _ = run_wsgi_app(shared_service.app.wsgi_app, environ)

    assert json.loads(b"".join(body))["article"] == "café"


HEADERS: list[dict[str, str]] = [
    {"Host": "evil.example"},
    {"Host": ""},
    {"Host": "a b"},
    {"Host": "[::1"},
    {"Host": "x" * 3000},
    {"Host": "127.0.0.1:port"},
    {"X-Forwarded-For": "garbage, 1.2.3.4"},
    {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "javascript", "X-Forwarded-Prefix": "/x"},
    {"Accept": "garbage;q=x, */;;"},
    {"Accept-Language": "\x7f" * 10},
    {"Accept-Encoding": "br;q=9, nonsense"},
    {"If-None-Match": '"' * 1000},
    {"If-Modified-Since": "yesterday"},
    {"Range": "bytes=99999999-"},
    {"Range": "bytes=a-b"},
    {"Authorization": "Bearer"},
    {"Authorization": "Basic !!!"},
    {"Authorization": "Bearer " + "x" * 10_000},
    {"Cookie": "commentsvc_session=garbage; =; ;;" + "a=b; " * 1000},
    {"Content-Length": "0"},
    {"Content-Length": "-1"},
    {"Content-Length": "x"},
    {"Content-Length": "9" * 5000},
    {"Content-Type": "text/html; charset=\x7f"},
    {"Expect": "100-continue"},
    {"X-HTTP-Method-Override": "DELETE"},
    {"Idempotency-Key": ""},
]


@pytest.mark.parametrize("headers", HEADERS, ids=lambda headers: str(headers)[:40])
def test_odd_headers_change_nothing_of_a_read(reader: Reader, headers: dict[str, str]) -> None:
    plain = reader.http.get("/api/v1/thread?article=a-1")

    odd = reader.http.get("/api/v1/thread?article=a-1", headers=headers)

    if odd.status_code != 200:
        assert_refused(odd, 400)
    else:
        assert odd.content == plain.content
        assert "evil.example" not in str(odd.headers)


@pytest.mark.parametrize("headers", HEADERS, ids=lambda headers: str(headers)[:40])
def test_odd_headers_of_a_post_are_no_failure(reader: Reader, headers: dict[str, str]) -> None:
    answer = reader.http.post("/api/v1/comments", content=b"{}", headers=JSON | headers)

    assert_refused(answer, 400, 403, 413, 415, 422)


ANY_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
PLAUSIBLE = {"article": "fuzz", "name": "Ada", "email": "ada@paper.example", "text": "Hello"}
BODIES = (
    st.dictionaries(st.sampled_from(FIELDS), ANY_JSON, max_size=6).map(lambda odd: PLAUSIBLE | odd) | ANY_JSON
)


@given(body=BODIES, with_token=st.booleans())
@settings(max_examples=120, deadline=None)
def test_no_json_is_a_failure(shared_reader: Reader, body: Any, with_token: bool) -> None:
    if with_token and isinstance(body, dict):
        body.setdefault("token", shared_reader.token("fuzz"))

    answer = shared_reader.http.post("/api/v1/comments", content=json.dumps(body), headers=JSON)

    assert answer.status_code in {201, 400, 404, 409, 422}, answer.text


@given(body=st.binary(max_size=60))
@settings(max_examples=60, deadline=None)
def test_no_bytes_are_a_failure(shared_reader: Reader, body: bytes) -> None:
    for path in ("/api/v1/comments", "/api/v1/preview"):
        assert_refused(shared_reader.http.post(path, content=body, headers=JSON), 400, 422)


@given(fields=st.dictionaries(st.sampled_from(FIELDS), st.text(max_size=30), max_size=8))
@settings(max_examples=40, deadline=None)
def test_no_form_is_a_failure(shared_reader: Reader, fields: dict[str, str]) -> None:
    token = shared_reader.token("fuzz")

    answer = shared_reader.http.post("/thread?article=fuzz", data=PLAUSIBLE | {"token": token} | fields)

    assert answer.status_code in {303, 409, 422}


@given(
    path=st.sampled_from(READS),
    query=st.dictionaries(
        st.sampled_from(["article", "site", "order", "limit", "cursor", "comment", "reply_to", "held"]),
        st.text(max_size=20),
    ),
)
@settings(max_examples=80, deadline=None)
def test_no_query_is_a_failure(shared_reader: Reader, path: str, query: dict[str, str]) -> None:
    answer = shared_reader.get(path, **query)

    assert answer.status_code in {200, 404, 422}, answer.text
