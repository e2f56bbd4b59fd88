"""`BASE_URL`: the one address of the service, with or without a path, whatever `Host` says."""

from __future__ import annotations

import re

import pytest

from tests.conftest import MakeService
from tests.moderating.desk import PASSWORD, Desk
from tests.people import Reader

BASE = "https://news.example/talk"
PATHS = [
    "/thread?article=a", "/thread/fragment?article=a", "/api/v1/thread?article=a", "/embed.js",
    "/static/widget/comments.css", "/feeds/site.atom", "/healthz", "/openapi.json", "/docs", "/moderation/sign-in",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("prefix", ["/talk", ""], ids=["path kept by the proxy", "path taken off by it"])
def test_every_address_answers_under_its_path(make_service: MakeService, prefix: str, path: str) -> None:
    service = make_service(BASE_URL=BASE)

    assert service.http().get(prefix + path).status_code == 200


def test_everything_that_it_links_to_lies_under_its_path(make_service: MakeService) -> None:
    service = make_service(BASE_URL=BASE)
    reader = Reader(service.http())
    reader.http.base_url = "http://127.0.0.1:5000/talk"
    comment = reader.posted("a")["comment"]
    page = reader.get("/thread", article="a").text
    service.run("user", "add", "editor@paper.example", input=PASSWORD + "\n")

    assert comment["permalink"].startswith(f"{BASE}/thread?article=a")
    assert all(
        link.startswith(("/talk/", "#")) for link in re.findall(r'(?:href|action|src)="([^"]+)"', page)
    )
    fragment = reader.get("/thread/fragment", article="a").text
    assert all(link.startswith((BASE, "#")) for link in re.findall(r'(?:href|action)="([^"]+)"', fragment))
    feed = reader.get("/feeds/thread.atom", article="a").text
    assert set(re.findall(r"https?://[^/\"<]+/[a-z]+", feed)) - {
        "http://www.w3",
        "http://purl.org/syndication",
    } >= {BASE}
    form = {name: value for name, value in reader.submission("a").items() if name != "article"}
    sent = reader.http.post("/thread", params={"article": "a"}, data=form)
    assert sent.headers["Location"].startswith("/talk/thread?article=a")


def test_the_desk_works_under_its_path(make_service: MakeService) -> None:
    service = make_service(BASE_URL="http://127.0.0.1:5000/talk")
    service.run("user", "add", "editor@paper.example", input=PASSWORD + "\n")
    http = service.http()
    http.base_url = "http://127.0.0.1:5000/talk"

    signed_in = Desk(http, "editor@paper.example").sign_in()

    assert signed_in.headers["Location"] == "/talk/moderation"
    page = http.get("/moderation")
    assert page.status_code == 200
    assert all(link.startswith("/talk/") for link in re.findall(r'(?:href|action)="([^"]+)"', page.text))


@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host", "Forwarded"])
def test_no_header_gives_it_another_name(make_service: MakeService, header: str) -> None:
    service = make_service(BASE_URL="https://talk.example", TRUSTED_PROXIES="1")
    reader = service.reader()
    reader.comment("a")

    value = "host=evil.example" if header == "Forwarded" else "evil.example"
    for path in ("/api/v1/thread", "/thread", "/thread/fragment", "/feeds/thread.atom", "/openapi.json"):
        answer = reader.http.get(path, params={"article": "a"}, headers={header: value})
        assert "evil.example" not in answer.text + str(answer.headers)
    problem = reader.http.get("/api/v1/thread", headers={header: value})
    assert problem.json()["type"] == "https://talk.example/problems/invalid"


@pytest.mark.parametrize("origin", ["http://127.0.0.1:5000", "http://localhost:5000", "http://[::1]:5000"])
def test_on_loopback_all_its_names_are_its_own(make_service: MakeService, origin: str) -> None:
    reader = make_service().reader()

    assert reader.send(reader.submission("a"), Origin=origin).status_code == 201
    assert reader.send(reader.submission("a"), Origin=origin.replace("5000", "5001")).status_code == 403
