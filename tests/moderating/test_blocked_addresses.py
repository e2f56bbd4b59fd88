"""A block on an e-mail address: whoever typed the address learns nothing of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.conftest import MakeService
from tests.people import Moderator, Reader
from tests.running_service import InProcess

ACTIONS = {"hold": "pending", "spam": "spam", "reject": "trash"}
# Of one length, so that no answer may differ by as much as its Content-Length.
UNKNOWN, KNOWN, BLOCKED = "una@paper.example", "kim@paper.example", "bob@paper.example"


@dataclass
class Exchange:
    """All that one person sees who posts, looks, resends, edits and deletes."""

    answers: list[httpx.Response]

    def seen(self) -> list[tuple[int, list[tuple[str, str]], bytes]]:
        return [
            (answer.status_code, headers(answer), without_token(answer.content)) for answer in self.answers
        ]


def headers(answer: httpx.Response) -> list[tuple[str, str]]:
    """All but the time of the day and the id of the request."""
    apart = {"date", "x-request-id"}
    return sorted((name, value) for name, value in answer.headers.multi_items() if name not in apart)


def without_token(body: bytes) -> bytes:
    """A page without its form token, which is drawn by chance."""
    return re.sub(rb'(name="token" value=)"[^"]+"', rb"\1", body)


def exchange(reader: Reader, email: str) -> Exchange:
    submission = reader.submission("a", "Good day.", email=email)
    first = reader.send(submission)
    posted = first.json()
    comment, key = posted["comment"]["id"], posted["edit_key"]
    return Exchange(
        [
            first,
            reader.send(submission),
            reader.send(submission | {"text": "Another."}),
            reader.get(f"/api/v1/comments/{comment}"),
            reader.get("/api/v1/thread", article="a"),
            reader.get("/thread", article="a", held=1),
            reader.edit(comment, key, "Good evening."),
            reader.edit(comment, "no key", "Good evening."),
            reader.post("a", "A reply.", parent=comment, email=email),
            reader.delete(comment, key),
            reader.send(submission),
            reader.delete(comment, key),
        ]
    )


@pytest.mark.parametrize(
    ("mode", "email", "action"),
    [(mode, BLOCKED, action) for mode in ("first", "all") for action in ACTIONS]
    + [("first", KNOWN, "hold"), ("all", KNOWN, "hold")],
)
def test_a_known_or_a_blocked_address_is_answered_byte_for_byte_like_one_never_seen(
    make_service: MakeService, mode: str, email: str, action: str
) -> None:
    def prepared() -> Reader:
        service = make_service(seed=7, MODERATION=mode)
        reader, moderator = service.reader(), service.moderator()
        moderator.decide("approve", reader.comment("a", "Earlier.", email=KNOWN))
        moderator.block("email", BLOCKED, action)
        return reader

    stranger = exchange(prepared(), UNKNOWN)
    one_of_us = exchange(prepared(), email)

    assert [answer.status_code for answer in stranger.answers][:3] == [202, 200, 409]
    assert one_of_us.seen() == stranger.seen()


# What may concern an address, alone and beside what holds for anybody.
RULES = [
    {"emails": [BLOCKED]},
    {"email_domains": ["bob.example"]},
    {"emails": [BLOCKED], "words": ["day", "evening"]},
    {"emails": [BLOCKED], "networks": ["192.0.2.0/24"], "first_comment": True},
]


@pytest.mark.parametrize("when", RULES)
@pytest.mark.parametrize(
    "outcome", ["reject", *(pytest.param(one, marks=pytest.mark.soak) for one in ("hold", "spam"))]
)
def test_an_address_that_a_rule_names_is_answered_byte_for_byte_like_one_never_seen(
    make_service: MakeService, when: dict[str, Any], outcome: str
) -> None:
    def exchanged(email: str) -> Exchange:
        service = make_service(seed=7, MODERATION="first")
        service.moderator().rule(when, outcome)
        return exchange(service.reader(), email)

    stranger = exchanged("una@una.example")
    caught = exchanged("bob@bob.example" if "email_domains" in when else BLOCKED)

    assert [answer.status_code for answer in stranger.answers][:3] == [202, 200, 409]
    assert caught.seen() == stranger.seen()


@pytest.mark.parametrize("when", RULES)
@pytest.mark.parametrize(("outcome", "state"), ACTIONS.items())
def test_what_a_rule_on_an_address_catches_is_kept_in_the_state_that_it_says(
    reader: Reader, moderator: Moderator, when: dict[str, Any], outcome: str, state: str
) -> None:
    moderator.rule(when, outcome)
    email = "bob@bob.example" if "email_domains" in when else BLOCKED

    answer = reader.post("a", "Good day.", email=email)

    assert (answer.status_code, answer.json()["state"]) == (202, "pending")
    (queued,) = moderator.queue()
    assert queued["state"] == state
    assert "bob" not in str(queued["findings"])


@pytest.mark.parametrize("action", ACTIONS)
def test_the_page_answers_alike_too(make_service: MakeService, action: str) -> None:
    def answers(email: str) -> list[tuple[int, list[tuple[str, str]], bytes]]:
        service = make_service(seed=7, MODERATION="first")
        service.moderator().block("email", BLOCKED, action)
        reader = service.reader()
        fields = reader.submission("a", "Good day.", email=email)
        sent = [reader.http.post("/thread", params={"article": "a"}, data=fields) for _ in range(2)]
        return Exchange([*sent, reader.get(sent[0].headers["Location"])]).seen()

    posted, resent, page = answers(BLOCKED)

    assert [posted, resent, page] == answers(UNKNOWN)
    assert posted[0] == 303
    assert b"Your comment is awaiting moderation." in page[2]


@pytest.mark.parametrize("action", ACTIONS)
def test_where_posts_are_public_at_once_it_awaits_moderation_and_no_more(
    reader: Reader, moderator: Moderator, action: str
) -> None:
    moderator.block("email", BLOCKED, action)

    answer = reader.post("a", email=BLOCKED)

    assert (answer.status_code, answer.json()["state"]) == (202, "pending")
    assert "block" not in answer.text
    assert reader.thread("a")["count"] == 0


@pytest.mark.parametrize(("action", "state"), ACTIONS.items())
def test_it_is_kept_in_the_state_that_the_block_says(
    reader: Reader, moderator: Moderator, action: str, state: str
) -> None:
    moderator.block("email", BLOCKED, action)
    reader.comment("a", "Good day.", email=BLOCKED)

    queued = moderator.queue()[0]

    assert (queued["state"], queued["text"], queued["email"]) == (state, "Good day.", BLOCKED)
    assert queued["reasons"] == ["blocked address"]


@pytest.mark.parametrize(
    "typed",
    ["RENÉ@PAPER.example", "rene\u0301@paper.example", "  René@Paper.Example ", "RENE\u0301@PAPER.EXAMPLE"],
)
def test_the_address_is_known_in_every_spelling(reader: Reader, moderator: Moderator, typed: str) -> None:
    moderator.block("email", "rené@paper.example", "spam")

    assert reader.post("a", email=typed).status_code == 202
    assert reader.post("a", email="rene@paper.example").status_code == 201


def test_an_address_whose_domain_is_written_in_ascii_is_the_same(
    reader: Reader, moderator: Moderator
) -> None:
    moderator.block("email", "ada@xn--bcher-kva.example", "spam")

    assert reader.post("a", email="ada@bücher.example").status_code == 202
    assert len(moderator.queue(email="ada@XN--bcher-kva.example")) == 1


def test_an_author_who_is_blocked_later_is_caught_at_the_next_edit(
    reader: Reader, moderator: Moderator
) -> None:
    posted = reader.posted("a", email=BLOCKED)
    moderator.block("email", BLOCKED, "reject")

    edited = reader.edit(posted["comment"]["id"], posted["edit_key"], "Now this.")

    assert (edited.status_code, edited.json()["state"]) == (202, "pending")
    assert moderator.queue()[0]["state"] == "trash"


def test_a_refusal_for_another_reason_is_the_same_for_all(make_service: MakeService) -> None:
    def answer(email: str) -> Any:
        service = make_service(seed=7, MODERATION="first")
        moderator = service.moderator()
        moderator.block("email", BLOCKED, "hold")
        moderator.block("word", "lottery", "reject")
        return Exchange([service.reader().post("a", "Win the lottery.", email=email)]).seen()

    assert answer(BLOCKED) == answer(UNKNOWN)


def test_a_block_ends_when_it_was_said_to(service: InProcess, reader: Reader, moderator: Moderator) -> None:
    moderator.block("email", BLOCKED, "spam", until="2026-11-24T10:00:00Z")

    service.clock.move(hours=1)

    assert reader.post("a", email=BLOCKED).status_code == 201
