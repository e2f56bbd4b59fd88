"""The log of a running service: what happened, and nothing of what anybody typed or from where exactly."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from tests.moderating.desk import Desk
from tests.people import Json
from tests.running_service import Live, serving

pytestmark = pytest.mark.slow
ADDRESS, TEXT, NAME = "quibbleada@paper.example", "Xylophonequartet", "Quetzalcoatlus"
V4, V6 = {"X-Forwarded-For": "203.0.113.77"}, {"X-Forwarded-For": "2001:db8:77:88::99"}


def happen(live: Live) -> None:
    """All that can go right and wrong, with words that must not be written down."""
    http = live.http()
    reader, moderator = live.reader(name=NAME, email=ADDRESS), live.moderator()
    submission = reader.submission("a", TEXT, url="https://zugzwang.example/", title="Kleptomania")
    posted = reader.send(submission, **V4).json()
    comment = posted["comment"]["id"]
    reader.send(reader.submission("a", TEXT), **V6)
    reader.send(submission | {"text": ""})
    reader.send(submission | {"text": TEXT * 2})
    http.post("/api/v1/comments", content=b"{" + TEXT.encode(), headers={"Content-Type": "application/json"})
    http.post("/thread", params={"article": "a"}, data=submission | {"email": f"{ADDRESS}@"})
    http.post("/thread", params={"article": ADDRESS}, content=TEXT)
    for path in (
        f"/{ADDRESS}",
        f"/static/{ADDRESS}",
        f"/api/v1/comments/{ADDRESS}",
        "/%ff%00",
        "/feeds/site.atom",
    ):
        http.get(
            path,
            params={"email": ADDRESS, "q": TEXT},
            headers={"User-Agent": NAME, "Referer": f"https://x/{ADDRESS}"} | V4,
        )
    http.request("PROPFIND", f"/{ADDRESS}")
    http.post("/moderation/sign-in", data={"email": ADDRESS, "password": TEXT})
    live.run("user", "add", ADDRESS, input="correct horse battery\n")
    desk = Desk(http, ADDRESS, "correct horse battery")
    desk.sign_in(password=TEXT)
    desk.sign_in()
    desk.search(email=ADDRESS, q=TEXT)
    desk.http.get("/moderation/account")
    live.run("user", "password", ADDRESS, input="another horse battery\n")
    moderator.queue(email=ADDRESS, q=TEXT)
    moderator.request("POST", "/comments/search", json={"email": ADDRESS})
    moderator.block("email", ADDRESS, "spam", note=TEXT)
    moderator.set_thread("a", title=TEXT)
    reader.edit(comment, posted["edit_key"], TEXT)
    own = {"article": "a", "comment": comment}
    http.post("/thread/edit", params=own, data={"key": f"{posted['edit_key']}Jabberwock", "open": "1"})
    http.post("/thread/edit", params=own, data={"key": "Jabberwock", "text": TEXT})
    http.get("/thread", params=own | {"own": "Jabberwock"})
    go_wrong(live, moderator.headers)


def go_wrong(live: Live, headers: dict[str, str]) -> None:
    """A row that no program of ours wrote makes an error whose message quotes it."""
    with closing(sqlite3.connect(live.data_dir / "comments.db", timeout=20)) as database:
        database.execute("UPDATE comment SET reasons = ?", (ADDRESS,))
        database.commit()
    answer = live.http().get("/api/v1/moderation/comments", headers=headers)
    assert answer.status_code == 500
    assert ADDRESS not in answer.text


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("log") / "data", "--workers", "2", TRUSTED_PROXIES="1") as live:
        happen(live)
        live.stop()
        yield live.log.read_text()


@pytest.fixture(scope="module")
def lines(log: str) -> list[Json]:
    return [json.loads(line) for line in log.splitlines() if line.startswith("{")]


@pytest.mark.parametrize(
    "typed",
    [
        "quibble",
        "paper.example",
        "quetzal",
        "xylophone",
        "zugzwang",
        "kleptomania",
        "jabberwock",
        "%40",
        "?",
        "csvc_",
    ],
)
def test_nothing_that_was_typed_stands_in_it(log: str, typed: str) -> None:
    assert typed not in log.lower()


def test_clients_are_named_by_their_network_alone(log: str, lines: list[Json]) -> None:
    assert {line["client"] for line in lines if line["event"] == "request"} >= {
        "203.0.113.0/24",
        "2001:db8:77::/48",
        "127.0.0.0/24",
    }
    assert not [part for part in ("203.0.113.77", '127.0.0.1"', ":88:", "::99") if part in log]


def test_each_request_is_one_line_with_its_route_and_not_its_address(lines: list[Json]) -> None:
    requests = [line for line in lines if line["event"] == "request"]

    assert len(requests) > 20
    for line in requests:
        assert set(line) == {
            "event",
            "level",
            "logger",
            "timestamp",
            "method",
            "request_id",
            "route",
            "status",
            "ms",
            "client",
        }
    routes = {(line["method"], line["route"], line["status"]) for line in requests}
    assert ("POST", "/api/v1/comments", 201) in routes
    assert ("GET", "/api/v1/comments/<comment>", 404) in routes
    assert ("GET", None, 404) in routes


def test_an_error_says_where_it_happened(lines: list[Json]) -> None:
    errors: list[dict[str, Any]] = [line for line in lines if line["event"] == "error"]

    assert [error["route"] for error in errors] == ["/api/v1/moderation/comments"]
    assert errors[0]["kind"] in {"JSONDecodeError"}
    assert any("commentsvc/storage" in frame for frame in errors[0]["frames"])


def test_all_are_lines_of_json(log: str, lines: list[Json]) -> None:
    assert [line for line in log.splitlines() if not line.startswith("{")] == []
    assert lines[0]["event"].startswith("commentsvc serves http://127.0.0.1:")
