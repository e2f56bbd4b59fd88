"""Without a script: who goes back and sends the form again, makes no second comment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Row, select

from tests.conftest import MakeService
from tests.posting.html_page import Page
from tests.running_service import InProcess

ADA = {"name": "Ada Sample", "email": "ada@paper.example", "text": "Sent *once*.\nIn two lines."}
ALIKE = [
    {},
    {"text": "  sent *ONCE*.\r\n\r\n In two  lines. "},
    {"name": "ada  sample"},
    {"email": " ADA@Paper.example"},
    {"url": "https://ada.example/"},
]
OTHERS = [
    {"text": "Sent *twice*.\nIn two lines."},
    {"name": "Ada Samples"},
    {"email": "bo@paper.example"},
]


def send(service: InProcess, article: str = "a", client: str | None = None, **typed: str) -> Page:
    """Open the page, with its fresh token, fill in the form and send it."""
    return Page.of(service.reader(client), article).send(**ADA | typed)


@pytest.mark.parametrize("typed", ALIKE)
def test_the_same_again_leads_to_the_first_one(service: InProcess, typed: dict[str, str]) -> None:
    first = send(service).followed()
    service.clock.move(minutes=9, seconds=59)

    again = send(service, **typed)

    assert again.answer.status_code == 303
    assert service.reader().thread("a")["count"] == 1
    comment = service.reader().thread("a")["comments"][0]["id"]
    assert again.location == f"/thread?article=a&comment={comment}#comment-{comment}"
    assert "Private link" in first.answer.text
    assert "Private link" not in again.followed().answer.text


@pytest.mark.parametrize("mode", ["first", "all"])
def test_where_it_waits_it_is_said_so_again(make_service: MakeService, mode: str) -> None:
    service = make_service(MODERATION=mode)
    send(service)

    again = send(service)

    assert again.location == "/thread?article=a&held=1#status"
    assert "awaiting moderation" in again.followed().answer.text
    assert len(service.moderator().queue()) == 1


@pytest.mark.parametrize("typed", OTHERS)
def test_other_content_is_another_comment(service: InProcess, typed: dict[str, str]) -> None:
    send(service)

    assert "&own=" in send(service, **typed).location
    assert service.reader().thread("a")["count"] == 2


def test_so_is_the_same_in_another_thread_or_to_another_comment(service: InProcess) -> None:
    reader = service.reader()
    parents = [reader.comment("a", f"number {number}") for number in range(2)]

    for parent in parents:
        Page.of(reader, "a", reply_to=parent).send(**ADA)
    send(service, "b")

    assert [reader.thread(article)["count"] for article in ("a", "b")] == [4, 1]


def test_so_is_the_same_after_ten_minutes(service: InProcess) -> None:
    send(service)
    service.clock.move(minutes=10)

    assert "&own=" in send(service).location
    assert "&own=" not in send(service).location
    assert service.reader().thread("a")["count"] == 2


@pytest.mark.parametrize(
    ("first", "second", "comments"),
    [
        ("192.0.2.1", "192.0.2.2", 2),
        ("2001:db8::1", "2001:db8::ffff", 1),
        ("2001:db8::1", "2001:db8:0:1::1", 2),
    ],
)
def test_from_elsewhere_it_is_a_comment_like_any(
    service: InProcess, first: str, second: str, comments: int
) -> None:
    send(service, client=first)
    send(service, client=second)

    assert service.reader().thread("a")["count"] == comments


def test_by_json_it_is_a_comment_like_any(service: InProcess) -> None:
    reader = service.reader()
    send(service)

    assert [reader.post("a", ADA["text"]).status_code for _ in range(2)] == [201, 201]
    assert "&own=" not in send(service).location
    assert reader.thread("a")["count"] == 3


@pytest.mark.parametrize("action", ["spam", "trash"])
def test_what_a_moderator_took_away_is_said_to_wait(service: InProcess, action: str) -> None:
    send(service)
    service.moderator().decide(action, service.reader().thread("a")["comments"][0]["id"])

    assert send(service).location.endswith("held=1#status")


def test_what_was_erased_may_be_said_again(service: InProcess) -> None:
    reader = service.reader()
    send(service)
    service.moderator().decide("purge", reader.thread("a")["comments"][0]["id"])

    assert "&own=" in send(service).location
    assert reader.texts("a") == ["Sent <em>once</em>.<br>\nIn two lines."]


def test_it_is_answered_though_the_thread_was_closed(service: InProcess) -> None:
    page = Page.of(service.reader(), "a")
    send(service)
    service.moderator().set_thread("a", open=False)

    assert page.send(**ADA).answer.status_code == 303


def test_a_blocked_address_is_answered_like_any(make_service: MakeService) -> None:
    service = make_service(MODERATION="first")
    service.moderator().block("email", "blocked@paper.example", "reject")

    twice = [
        [
            send(service, email=email, name=email.partition("@")[0]).location.partition("own=")[0]
            for _ in range(2)
        ]
        for email in ("blocked@paper.example", "new@paper.example")
    ]

    assert twice[0] == twice[1] == ["/thread?article=a&held=1&", "/thread?article=a&held=1#status"]


def test_two_at_the_same_moment_make_one(service: InProcess) -> None:
    pages = [Page.of(service.reader(), "a") for _ in range(6)]
    together = Barrier(6)

    def press(page: Page) -> str:
        together.wait(10)
        return page.send(**ADA).location

    with ThreadPoolExecutor(6) as pool:
        locations = list(pool.map(press, pages))

    assert service.reader().thread("a")["count"] == 1
    assert sum("&own=" in location for location in locations) == 1


def test_nothing_is_stored_of_it_but_a_hash_which_is_swept_after_ten_minutes(service: InProcess) -> None:
    from commentsvc.storage.tables import SentFormRow

    def kept() -> list[Row[Any]]:
        with service.ours.database.engine.connect() as connection:
            return list(connection.execute(select(SentFormRow)))

    send(service)
    [row] = kept()
    assert len(row.digest) == 32
    service.clock.move(minutes=10)
    service.sweep()

    assert kept() == []
