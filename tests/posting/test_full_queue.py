"""Where as many comments wait as may, what would wait is refused, alike for every address."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.conftest import MakeService
from tests.people import Moderator, Reader, bearer
from tests.posting.html_page import Page
from tests.posting.problems import problem_of
from tests.running_service import InProcess

LIMIT = 3


def full(make_service: MakeService, **settings: str) -> InProcess:
    """A service at which as many wait as may."""
    service = make_service(**{"MODERATION": "all", "PENDING_LIMIT": str(LIMIT)} | settings)
    reader = service.reader()
    if settings.get("MODERATION") == "none":
        held = [reader.comment("old", f"number {number}") for number in range(LIMIT)]
        service.moderator().decide("hold", *held)
    else:
        for number in range(LIMIT):
            assert reader.post("old", f"number {number}").status_code == 202
    return service


@pytest.mark.slow_on_postgresql
def test_what_would_wait_is_refused_and_nothing_of_it_is_kept(make_service: MakeService) -> None:
    service = full(make_service)
    reader = service.reader()
    submission = reader.submission("new", "One more.")

    refused = reader.send(submission)

    problem = problem_of(refused, 503)
    assert int(refused.headers["Retry-After"]) > 60
    assert "waiting for a moderator" in problem["detail"]
    moderator = service.moderator()
    assert len(moderator.queue()) == LIMIT
    moderator.decide("approve", moderator.queue()[0]["id"])
    assert reader.send(submission).status_code == 202  # the token was not spent
    assert reader.post("new", "And another.").status_code == 503


@pytest.mark.parametrize("mode", ["all", "first"])
@pytest.mark.parametrize("action", ["hold", "spam", "reject"])
def test_every_address_is_answered_alike(make_service: MakeService, mode: str, action: str) -> None:
    service = full(make_service, MODERATION=mode)
    service.moderator().block("email", "blocked@paper.example", action)

    answers = [
        answer
        for email in (
            "ada@paper.example",
            "blocked@paper.example",
            "BLOCKED@paper.example",
            "new@paper.example",
        )
        for answer in (
            service.reader(email=email).post("old", "The same.", name="Ada"),
            service.reader(email=email).post("new", "The same.", name="Ada"),
        )
    ]

    assert {answer.status_code for answer in answers} == {503}
    assert len({(answer.content, str(visible(answer))) for answer in answers}) == 1


@pytest.mark.parametrize("action", ["hold", "spam", "reject"])
def test_where_others_are_public_at_once_a_block_shows_as_a_full_queue(
    make_service: MakeService, action: str
) -> None:
    service = full(make_service, MODERATION="none")
    service.moderator().block("email", "blocked@paper.example", action)
    service.moderator().block("word", "casino", "hold")

    by_address = service.reader(email="blocked@paper.example").post("old", "A sample.")
    by_word = service.reader().post("old", "A casino.")

    assert by_address.status_code == by_word.status_code == 503
    assert by_address.content == by_word.content
    assert service.reader().post("old", "A sample.").status_code == 201


def visible(answer: httpx.Response) -> list[tuple[str, str]]:
    apart = {"date", "x-request-id"}
    return sorted((name, value) for name, value in answer.headers.items() if name not in apart)


def test_the_page_says_so_and_keeps_what_was_typed(make_service: MakeService) -> None:
    service = full(make_service)

    refused = Page.of(service.reader(), "new").send(
        name="Ada", email="ada@paper.example", text="Typed at length."
    )

    assert refused.answer.status_code == 503
    assert int(refused.answer.headers["Retry-After"]) > 60
    assert "waiting for a moderator" in refused.find(role="alert").text
    assert refused.typed()["text"] == "Typed at length."
    service.moderator().decide("approve", service.moderator().queue()[0]["id"])
    assert refused.send().answer.status_code == 303


def test_a_resend_is_answered_as_before(make_service: MakeService) -> None:
    service = make_service(MODERATION="all", PENDING_LIMIT="1")
    reader = service.reader()
    submission = reader.submission("a")
    first = reader.send(submission)

    again = reader.send(submission)

    assert (first.status_code, again.status_code, again.content) == (202, 200, first.content)


def test_who_is_trusted_goes_on(make_service: MakeService) -> None:
    service = make_service(MODERATION="first", PENDING_LIMIT="1")
    ada = service.reader()
    posted = ada.posted("a")
    service.moderator().decide("approve", posted["comment"]["id"])
    assert service.reader().post("a", "A stranger's.").status_code == 202

    assert service.reader().post("a", "Another stranger's.").status_code == 503
    assert ada.post("a", "Trusted.", author_key=posted["author_key"]).status_code == 201


def test_moderators_and_programs_are_not_bound(make_service: MakeService) -> None:
    service = full(make_service, MODERATION="none")
    token = service.run("token", "create", "--scope", "post").strip()
    reader, moderator = service.reader(), service.moderator()
    public = reader.comment("old", "Public.")
    service.run("site", "set", "default", "--moderation", "all")

    held = moderator.decide("hold", public)
    made = reader.http.post(
        "/api/v1/comments", json=reader.submission("old", "By a program.", token=""), headers=bearer(token)
    )

    assert held["decided"][0]["to"] == "pending"
    assert made.status_code == 202
    assert len(moderator.queue(state="pending")) == LIMIT + 2


def test_an_edit_that_would_wait_is_refused_and_changes_nothing(make_service: MakeService) -> None:
    service = full(make_service, MODERATION="none")
    service.moderator().block("word", "casino", "hold")
    reader = service.reader()
    posted = reader.posted("a", "Clean.")
    comment, key = posted["comment"]["id"], posted["edit_key"]

    problem_of(reader.edit(comment, key, "A casino."), 503)

    assert reader.texts("a") == ["Clean."]
    assert reader.edit(comment, key, "Cleaner.").status_code == 200


def test_what_waits_already_may_be_edited(make_service: MakeService) -> None:
    service = make_service(MODERATION="all", PENDING_LIMIT="1")
    reader = service.reader()
    posted = reader.posted("a", "Waits.")

    assert reader.edit(posted["comment"]["id"], posted["edit_key"], "Waits still.").status_code == 202


def test_each_site_has_a_queue_of_its_own(make_service: MakeService) -> None:
    service = full(make_service)
    service.run("site", "add", "blog", "--origin", "https://blog.example")

    assert service.reader().post("a").status_code == 503
    assert service.reader().post("a", site="blog").status_code == 202


def test_only_what_waits_is_counted(make_service: MakeService) -> None:
    service = full(make_service)
    moderator: Moderator = service.moderator()
    reader: Reader = service.reader()
    waiting: list[dict[str, Any]] = moderator.queue(state="pending")

    for action, comment in zip(("spam", "trash", "purge"), waiting, strict=True):
        assert reader.post("a", action).status_code == 503
        moderator.decide(action, comment["id"])
        assert reader.post("a", action).status_code == 202
