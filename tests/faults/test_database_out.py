"""With the database out, every route says so, and nothing that runs after an error asks it."""

from __future__ import annotations

import re

import httpx
import pytest
from flask import Flask

from tests.people import bearer
from tests.running_service import InProcess

PLACES = {"comment": "c-1", "digest": "0" * 16, "block": "b-1", "article": "a"}
AS_JSON = {"article": "a", "name": "Ada Sample", "email": "ada@paper.example", "text": "Words.", "token": "t"}


def spoil(service: InProcess) -> None:
    """The database is no database any more, and nobody has it open."""
    service.close()
    (service.data_dir / "comments.db").write_bytes(b"This is no database. " * 1000)
    for log in ("comments.db-wal", "comments.db-shm"):
        (service.data_dir / log).unlink(missing_ok=True)


def addresses_of(app: Flask) -> list[tuple[str, str]]:
    """A method and an address of each route."""
    return sorted(
        (method, re.sub(r"<(?:\w+:)?(\w+)>", lambda place: PLACES.get(place[1], "x"), rule.rule))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    )


def asked(http: httpx.Client, method: str, path: str, accept: str) -> httpx.Response:
    """Ask as a person or program would who knows the route."""
    headers = {"Accept": accept} | (bearer("key") if "/api/" in path or path.endswith("/own") else {})
    query = {"article": "a", "comment": "c-1"}
    if method == "GET" or method == "DELETE":
        return http.request(method, path, params=query, headers=headers)
    if path.startswith("/api/"):
        return http.request(method, path, json=AS_JSON, headers=headers)
    return http.request(method, path, params=query, data=AS_JSON, headers=headers)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("accept", ["*/*", "text/html"])
def test_no_route_fails_and_none_leaves_a_traceback(
    service: InProcess, accept: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    spoil(service)
    http = service.http()

    answers = {address: asked(http, *address, accept) for address in addresses_of(service.app)}

    wrong = {address: answer.status_code for address, answer in answers.items() if answer.status_code == 500}
    assert not wrong
    refused = [answer for answer in answers.values() if answer.status_code == 503]
    assert len(refused) > 10
    assert all(answer.headers["Retry-After"] for answer in refused)
    assert "Traceback" not in caplog.text + capfd.readouterr().err


def test_the_page_of_a_thread_says_it_as_a_page(service: InProcess) -> None:
    spoil(service)

    answer = service.http().get("/thread", params={"article": "a"}, headers={"Accept": "text/html"})

    assert answer.status_code == 503
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
