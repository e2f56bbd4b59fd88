"""Which pages may post: the site's own. Any page may read, and read why it was refused."""

from __future__ import annotations

import httpx
import pytest

from tests.conftest import MakeService
from tests.people import Moderator, Reader
from tests.posting.problems import problem_of
from tests.running_service import InProcess

pytestmark = pytest.mark.any_database

OWN = ["http://127.0.0.1:5000", "http://localhost:5000", "http://[::1]:5000"]
FOREIGN = [
    "https://evil.example", "http://127.0.0.1:5001", "https://127.0.0.1:5000", "http://127.0.0.1", "http://localhost",
    "http://127.0.0.1.evil.example:5000", "http://evil.example/127.0.0.1:5000", "file://", "chrome-extension://abc", "garbage",
    "http://127.0.0.1:5000, https://evil.example", "", "http://127.0.0.1:5000@evil.example",
]  # fmt: skip


@pytest.fixture(scope="module")
def somebody(shared_service: InProcess) -> Reader:
    return shared_service.reader()


@pytest.fixture(scope="module")
def shared_moderator(shared_service: InProcess) -> Moderator:
    return shared_service.moderator()


def test_without_an_origin_the_form_token_decides(somebody: Reader) -> None:
    assert somebody.post("a-1").status_code == 201


@pytest.mark.parametrize("origin", OWN)
def test_the_services_own_pages_may_post(somebody: Reader, origin: str) -> None:
    assert somebody.send(somebody.submission("a-1"), Origin=origin).status_code == 201


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_foreign_page_may_not_post(somebody: Reader, origin: str) -> None:
    problem_of(somebody.send(somebody.submission("foreign"), Origin=origin), 403, "origin")

    assert somebody.thread("foreign")["count"] == 0


def test_the_refusal_says_which_command_allows_it(service: InProcess, reader: Reader) -> None:
    problem = problem_of(reader.send(reader.submission("a-1"), Origin="https://paper.example"), 403, "origin")
    command = "commentsvc site set default --add-origin https://paper.example"
    assert command in problem["detail"]

    service.run(*command.split()[1:])

    assert reader.send(reader.submission("a-1"), Origin="https://paper.example").status_code == 201


def test_a_page_without_an_origin_may_not_post(somebody: Reader) -> None:
    problem = problem_of(somebody.send(somebody.submission("foreign"), Origin="null"), 403, "origin")

    assert "sandbox" in problem["detail"]


@pytest.mark.parametrize("origin", ["https://paper.example", "HTTPS://Paper.Example:443"])
def test_an_origin_of_the_settings_may_post_to_the_default_site(
    make_service: MakeService, origin: str
) -> None:
    service = make_service(ORIGINS="https://paper.example, https://news.example")
    service.run("site", "add", "blog", "--origin", "https://blog.example")
    reader = service.reader()

    assert reader.send(reader.submission("a-1"), Origin=origin).status_code == 201
    problem_of(reader.send(reader.submission("a-1", site="blog"), Origin=origin), 403, "origin")


def test_each_site_has_origins_of_its_own(service: InProcess, reader: Reader) -> None:
    service.run("site", "add", "blog", "--origin", "https://blog.example")

    to_blog = reader.send(reader.submission("a-1", site="blog"), Origin="https://blog.example")
    to_default = reader.send(reader.submission("a-1"), Origin="https://blog.example")

    assert to_blog.status_code == 201
    problem_of(to_default, 403, "origin")


ANSWERS = {
    "read": (200, {"method": "GET", "url": "/api/v1/thread?article=a-1"}),
    "invalid read": (422, {"method": "GET", "url": "/api/v1/thread"}),
    "form token": (200, {"method": "GET", "url": "/api/v1/form?article=a-1"}),
    "unknown address": (404, {"method": "GET", "url": "/nowhere"}),
    "unknown site": (404, {"method": "GET", "url": "/api/v1/thread?article=a-1&site=none"}),
    "wrong method": (405, {"method": "PUT", "url": "/api/v1/comments"}),
    "malformed post": (400, {"method": "POST", "url": "/api/v1/comments", "content": b"{", "headers": {"Content-Type": "application/json"}}),
    "too large": (413, {"method": "POST", "url": "/api/v1/comments", "content": b"x" * 300_000}),
    "no JSON": (415, {"method": "POST", "url": "/api/v1/comments"}),
    "foreign post": (403, {"method": "POST", "url": "/api/v1/comments", "json": {}, "headers": {"Origin": "https://evil.example"}}),
    "preview": (200, {"method": "POST", "url": "/api/v1/preview", "json": {"text": "a"}}),
    "edit without a key": (403, {"method": "PATCH", "url": "/api/v1/comments/x", "json": {"text": "a"}}),
    "script": (200, {"method": "GET", "url": "/embed.js"}),
    "health": (200, {"method": "GET", "url": "/healthz"}),
    "description": (200, {"method": "GET", "url": "/openapi.json"}),
}  # fmt: skip


@pytest.mark.parametrize(("status", "request_"), ANSWERS.values(), ids=ANSWERS)
def test_every_public_answer_may_be_read_by_any_page(
    somebody: Reader, status: int, request_: dict[str, object]
) -> None:
    answer = somebody.http.request(**request_)

    assert answer.status_code == status
    assert_readable(answer)


def test_too_many_may_be_read_by_any_page(make_service: MakeService) -> None:
    reader = make_service(RATE_LIMIT_READ="1 per minute", CACHE_BYTES="0").reader()
    reader.get("/api/v1/thread", article="a-1")

    answer = reader.get("/api/v1/thread", article="a-2")

    problem_of(answer, 429, "rate-limited")
    assert_readable(answer)


def assert_readable(answer: httpx.Response) -> None:
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    exposed = {name.strip() for name in answer.headers["Access-Control-Expose-Headers"].split(",")}
    assert {"Retry-After", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"} <= exposed


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/api/v1/comments", "POST"),
        ("/api/v1/comments/x", "PATCH"),
        ("/api/v1/comments/x", "DELETE"),
        ("/api/v1/preview", "POST"),
        ("/api/v1/thread", "GET"),
    ],
)
def test_a_preflight_allows_what_programs_and_widgets_send(somebody: Reader, path: str, method: str) -> None:
    answer = somebody.http.options(
        path,
        headers={
            "Origin": "https://anywhere.example",
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": "authorization, content-type, idempotency-key",
        },
    )

    assert answer.status_code in {200, 204}
    assert_readable(answer)
    assert method in answer.headers["Access-Control-Allow-Methods"]
    allowed = {name.strip().lower() for name in answer.headers["Access-Control-Allow-Headers"].split(",")}
    assert {"authorization", "content-type", "idempotency-key"} <= allowed


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
@pytest.mark.parametrize("path", ["/comments", "/decisions", "/blocks"])
def test_moderation_may_be_read_by_no_other_page(shared_moderator: Moderator, method: str, path: str) -> None:
    headers = {"Origin": OWN[0], "Access-Control-Request-Method": "POST"} | shared_moderator.headers

    answer = shared_moderator.http.request(method, f"/api/v1/moderation{path}", headers=headers)

    assert not [name for name in answer.headers if name.lower().startswith("access-control-")]
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def previewed(reader: Reader, origin: str | None, **site: str) -> httpx.Response:
    headers = {} if origin is None else {"Origin": origin}
    return reader.http.post("/api/v1/preview", json={"text": "*A*"} | site, headers=headers)


def test_pages_of_every_site_may_ask_for_a_preview(make_service: MakeService) -> None:
    service = make_service(ORIGINS="https://news.example")
    service.run("site", "add", "weekend", "--origin", "https://weekend.news.example")
    reader = service.reader()

    for origin in (None, *OWN, "https://news.example", "https://weekend.news.example"):
        for site in ({}, {"site": "default"}, {"site": "weekend"}):
            answer = previewed(reader, origin, **site)
            assert (answer.status_code, answer.json()) == (200, {"html": "<p><em>A</em></p>"})
            assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("origin", [*FOREIGN, "null"])
def test_pages_of_no_site_get_no_preview(somebody: Reader, origin: str) -> None:
    problem_of(previewed(somebody, origin), 403, "origin")


def test_a_preview_for_a_site_that_is_none_is_refused(somebody: Reader) -> None:
    problem_of(previewed(somebody, None, site="nowhere"), 404)
    assert previewed(somebody, None, site=5).status_code == 422  # type: ignore[arg-type]
