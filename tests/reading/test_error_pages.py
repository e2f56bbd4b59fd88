"""Who comes with a browser gets a page, whatever went wrong; programs and scripts get a problem."""

from __future__ import annotations

import pytest

from tests.conftest import MakeService
from tests.people import Reader
from tests.running_service import InProcess

pytestmark = pytest.mark.any_database

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"}
WRONG = {
    "/nothing-here": 404,
    "/thread": 422,
    "/thread?article=a&site=none": 404,
    "/thread?article=a&limit=x": 422,
    "/thread?article=%FF": 422,
    "/thread/fragment": 422,
    "/thread/edit": 422,
    "/feeds/site.atom?site=none": 404,
    "/moderation/none": 404,
    "/static/none.css": 404,
    "/embed-0000000000000000.js": 404,
    "/.well-known/security.txt": 404,
}


@pytest.mark.parametrize(("path", "status"), WRONG.items())
def test_a_browser_gets_a_page(reader: Reader, path: str, status: int) -> None:
    answer = reader.http.get(path, headers=BROWSER)

    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "<h1>" in answer.text
    assert f"HTTP {status}" in answer.text


@pytest.mark.parametrize(
    "accept", ["*/*", "application/json", "application/problem+json, text/html;q=0.5", ""]
)
@pytest.mark.parametrize("path", WRONG)
def test_programs_get_a_problem(reader: Reader, path: str, accept: str) -> None:
    answer = reader.http.get(path, headers={"Accept": accept})

    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == WRONG[path]


@pytest.mark.parametrize(
    "path", ["/api/v1/none", "/api/v1/thread", "/api/v1/comments/none", "/api/v1/moderation/comments"]
)
def test_below_api_even_a_browser_gets_a_problem(reader: Reader, path: str) -> None:
    assert reader.http.get(path, headers=BROWSER).headers["Content-Type"] == "application/problem+json"


def test_a_method_that_is_not_answered_names_those_that_are(reader: Reader) -> None:
    answer = reader.http.delete("/thread", params={"article": "a"}, headers=BROWSER)

    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert "<h1>" in answer.text


def test_a_limit_says_when_to_come_again(make_service: MakeService) -> None:
    http = make_service(RATE_LIMIT_READ="1 per minute").http(headers=BROWSER)
    http.get("/thread", params={"article": "a"})

    answer = http.get("/thread", params={"article": "a"})

    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert "<h1>" in answer.text


def test_what_was_asked_for_is_not_repeated_as_markup(reader: Reader) -> None:
    answer = reader.http.get("/thread?article=a&limit=%3Cscript%3E&order=%3Cscript%3E", headers=BROWSER)

    assert "<script" not in answer.text


def test_the_root_says_what_this_is_and_where_to_go(make_service: MakeService) -> None:
    answer = make_service(BASE_URL="http://127.0.0.1:5000/comments").reader().get("/comments/")

    assert answer.status_code == 200
    assert "comment service" in answer.text
    assert 'href="/comments/moderation"' in answer.text
    assert 'href="/comments/docs"' in answer.text


def test_a_page_is_in_the_language_of_its_reader(service: InProcess) -> None:
    answer = service.http().get("/nothing", headers=BROWSER | {"Accept-Language": "de"})

    assert '<html lang="de"' in answer.text
    assert "nichts" in answer.text
