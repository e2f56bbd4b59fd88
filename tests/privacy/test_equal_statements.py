"""What is done for a post does not depend on its address: the same statements, hence the same time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import count

import pytest

from tests.conftest import MakeService
from tests.databases import on_both
from tests.people import Json, Moderator, Reader
from tests.running_service import InProcess
from tests.storage.plans import Recorder, engine_of

__all__ = ["on_both"]

UNSEEN, KNOWN, BLOCKED = "una@paper.example", "kim@paper.example", "bob@paper.example"
LITERAL = re.compile(r"[xX]?'(?:[^']|'')*'|\b\d+\b|\bNULL\b")  # SQLite shows parameters in the text

pytestmark = [pytest.mark.sampled(3), pytest.mark.slow_on_postgresql]


@dataclass
class Watched:
    """A service whose statements are heard."""

    service: InProcess
    recorder: Recorder
    reader: Reader
    known: Json

    def moderator(self) -> Moderator:
        return self.service.moderator()

    def done(self, deed: str, email: str, **more: str) -> list[str]:
        """The statements of a post under *email*, of its resend, an edit and its deletion."""
        before = len(self.recorder.statements)
        with self.recorder.during(f"{deed} {email}"):
            submission = self.reader.submission("a", "Good day to you.", email=email, **more)
            posted = self.reader.send(submission)
            assert posted.status_code == 202
            assert self.reader.send(submission).status_code == 200
            comment, key = posted.json()["comment"]["id"], posted.json()["edit_key"]
            assert self.reader.edit(comment, key, "See https://watches.example/.").status_code == 202
            assert self.reader.delete(comment, key).status_code == 204
        return [LITERAL.sub("?", heard.text) for heard in self.recorder.statements[before:]]


@pytest.fixture(params=["first", "all"])
def watched(make_service: MakeService, request: pytest.FixtureRequest) -> Watched:
    service = make_service(MODERATION=request.param, RETAIN_NETWORKS="30")
    reader = service.reader()
    known = reader.posted("a", "Earlier.", email=KNOWN)
    service.moderator().decide("approve", known["comment"]["id"])
    watched = Watched(service, Recorder(engine_of(service)), reader, known)
    watched.done("prepare what is done once", UNSEEN)
    return watched


@pytest.mark.parametrize("action", ["hold", "spam", "reject"])
def test_a_stranger_causes_the_same_statements_whatever_the_address(watched: Watched, action: str) -> None:
    watched.moderator().block("email", BLOCKED, action)

    unseen, known, blocked = (watched.done("post", email) for email in (UNSEEN, KNOWN, BLOCKED))

    assert len(unseen) > 20
    assert known == unseen
    assert blocked == unseen


@pytest.mark.parametrize("outcome", ["hold", "spam", "reject"])
def test_a_rule_causes_the_same_statements_whatever_the_address(watched: Watched, outcome: str) -> None:
    watched.moderator().rule({"emails": [BLOCKED]}, outcome)
    watched.moderator().rule({"email_domains": ["blocked.example"]}, outcome)

    emails = (UNSEEN, KNOWN, BLOCKED, "bob@blocked.example")
    unseen, *others = (watched.done("post", email) for email in emails)

    assert others == [unseen] * 3


@pytest.mark.parametrize("action", ["hold", "spam", "reject"])
def test_who_has_an_author_key_learns_nothing_of_other_addresses(watched: Watched, action: str) -> None:
    moderator, key = watched.moderator(), watched.known["author_key"]
    another = watched.reader.posted("a", "Of another.", email="zoe@paper.example")
    moderator.decide("approve", another["comment"]["id"])
    moderator.block("email", BLOCKED, action)

    emails = (UNSEEN, "zoe@paper.example", BLOCKED)
    unseen, known, blocked = (watched.done("post", email, author_key=key) for email in emails)

    assert known == unseen
    assert blocked == unseen


@pytest.mark.parametrize("action", ["hold", "spam", "reject"])
def test_the_page_without_a_script_does_the_same(watched: Watched, action: str) -> None:
    watched.moderator().block("email", BLOCKED, action)

    numbers = count()

    def done(email: str) -> list[str]:  # the same text under the same address would be the same comment
        fields = watched.reader.submission("a", f"Good day to you {next(numbers)}.", email=email)
        before = len(watched.recorder.statements)
        with watched.recorder.during("post"):
            answer = watched.reader.http.post("/thread", params={"article": "a"}, data=fields)
            assert answer.status_code == 303
        return [LITERAL.sub("?", heard.text) for heard in watched.recorder.statements[before:]]

    first, unseen, known, blocked = (done(email) for email in (UNSEEN, UNSEEN, KNOWN, BLOCKED))

    assert len(first) > 5
    assert known == unseen
    assert blocked == unseen


def test_a_block_that_came_since_shows_in_no_statement_of_an_edit(watched: Watched) -> None:
    def statements_of_edit(email: str) -> list[str]:
        posted = watched.reader.posted("a", "Good day to you all.", email=email)
        watched.moderator().block("email", BLOCKED, "spam")
        before = len(watched.recorder.statements)
        with watched.recorder.during("edit"):
            edited = watched.reader.edit(posted["comment"]["id"], posted["edit_key"], "Good day to you, all!")
        assert edited.status_code == 202
        return [LITERAL.sub("?", heard.text) for heard in watched.recorder.statements[before:]]

    assert statements_of_edit(BLOCKED) == statements_of_edit(UNSEEN)
