"""The headers that guard every answer, on every route that there is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from commentsvc.app import create_demo_app
from commentsvc.settings import PREFIX
from tests.running_service import InProcess, make_in_process

VALUES = {
    "session": "none",
    "comment": "x",
    "block": "x",
    "rule": "x",
    "filename": "widget/comments.css",
    "slug": "x",
    "name": "embed",
    "digest": "x",
    "person": "x",
    "job": "x",
    "author": "x",
    "token": "x",
    "hook": "x",
    "message": "x",
}
SCRIPTED = {"/moderation/invitation": "/static/desk/invitation.js"}
FRAMED = {"/thread", "/thread/edit", "/thread/reasons", "/thread/report"}
LINKED = {  # whose URL holds a token
    "/feeds/queue.atom",
    "/mail/confirm",
    "/mail/decide",
    "/mail/stop",
    "/me",
    "/me/data",
}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, template: Path) -> Iterator[InProcess]:
    service = make_in_process(tmp_path_factory.mktemp("headers"), template, ORIGINS="https://news.example")
    yield service
    service.close()


def addresses(service: InProcess) -> list[tuple[str, str, str]]:
    """Each route with each of its methods, and an address that it answers."""
    found = []
    for rule in service.app.url_map.iter_rules():
        path = rule.rule
        for name in rule.arguments:
            path = path.replace(f"<path:{name}>", VALUES[name]).replace(f"<{name}>", VALUES[name])
        found += [(rule.rule, method, path) for method in sorted(rule.methods or ())]
    return found


def test_every_answer_of_every_route_has_them(service: InProcess) -> None:
    http = service.http()
    tried = addresses(service)
    assert len(tried) > 60

    for rule, method, path in [*tried, ("none", "GET", "/none"), ("/thread", "PUT", "/thread")]:
        answer = http.request(method, path, params={"article": "a"})
        headers, where = answer.headers, f"{method} {path}"
        policy = headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff", where
        assert headers["Referrer-Policy"] == ("no-referrer" if rule in LINKED else "same-origin"), where
        assert policy.startswith("default-src 'none'; base-uri 'none'"), where
        assert "unsafe" not in policy, where
        scripts = policy.partition("script-src ")[2].partition(";")[0].split()
        assert ("script-src" in policy) == (rule in FRAMED or (rule in SCRIPTED and method != "OPTIONS")), (
            where
        )
        assert {urlsplit(script).path for script in scripts} <= {SCRIPTED.get(rule, "/frame.js")}, where
        assert headers["Cache-Control"], where
        assert "Server" not in headers, where
        assert "X-Powered-By" not in headers, where
        framing = policy.partition("frame-ancestors ")[2].partition(";")[0]
        if rule in FRAMED and answer.status_code < 400:
            assert "https://news.example" in framing.split(), where
        elif rule not in FRAMED:
            assert framing == "'none'", where
        assert answer.status_code < 500 or (rule, answer.status_code) == ("/api/v1/thread/events", 501), where


def test_public_answers_may_be_read_from_everywhere(service: InProcess) -> None:
    http = service.http()

    for rule, method, path in addresses(service):
        if "/moderation" in rule or rule in LINKED:
            continue
        answer = http.request(
            method, path, params={"article": "a"}, headers={"Origin": "https://any.example"}
        )
        assert answer.headers["Access-Control-Allow-Origin"] == "*", path
        assert "Access-Control-Allow-Credentials" not in answer.headers, path
        exposed = answer.headers["Access-Control-Expose-Headers"]
        assert {"Retry-After", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"} <= set(
            exposed.split(", ")
        )


@pytest.mark.parametrize("path", ["/api/v1/comments", "/api/v1/comments/x", "/api/v1/thread", "/nothing"])
def test_a_preflight_is_answered(service: InProcess, path: str) -> None:
    headers = {
        "Origin": "https://any.example",
        "Access-Control-Request-Method": "PATCH",
        "Access-Control-Request-Headers": "authorization,content-type",
    }

    answer = service.http().options(path, headers=headers)

    assert answer.status_code == 204
    assert "PATCH" in answer.headers["Access-Control-Allow-Methods"]
    assert {"Authorization", "Content-Type", "Last-Event-ID"} <= set(
        answer.headers["Access-Control-Allow-Headers"].split(", ")
    )
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


STRICT = ("Strict-Transport-Security", "max-age=31536000")


@pytest.mark.soak
def test_under_https_every_answer_keeps_readers_on_it(tmp_path: Path, template: Path) -> None:
    service = make_in_process(tmp_path, template, BASE_URL="https://comments.example")
    http, kept = service.http(), "/api/v1/thread?article=a"
    etag = http.get(kept).headers["ETag"]

    answers = [http.request(method, path, params={"article": "a"}) for _, method, path in addresses(service)]
    answers += [http.get(kept), http.get(kept, headers={"If-None-Match": etag}), http.get("/none")]
    too_short = http.post("/api/v1/comments", content=b"{", headers={"Content-Length": "9"})

    assert answers[-2].status_code == 304
    assert too_short.status_code == 400
    for answer in (*answers, too_short):
        assert answer.headers.get_list(STRICT[0]) == [STRICT[1]], answer.request.url
    service.close()


def test_without_https_no_answer_does(service: InProcess) -> None:
    http = service.http()

    for path in ("/healthz", "/none", "/api/v1/thread?article=a", "/thread?article=a"):
        assert STRICT[0] not in http.get(path).headers


def test_the_demo_is_as_strict(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, template: Path) -> None:
    demo = make_in_process(tmp_path / "demo", template)
    monkeypatch.setenv(PREFIX + "DATA_DIR", str(demo.data_dir))
    demo.app = create_demo_app()
    http = demo.http()

    for path in ("/demo/", "/demo/none", "/demo/demo.css"):
        policy = http.get(path).headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy
    demo.close()
