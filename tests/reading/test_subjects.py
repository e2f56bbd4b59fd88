"""An answer knows what it was made from: each route either says it, or is never cached, or is made from the program alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response, request, request_finished

from commentsvc.diagnosis.public_requests import SAMPLES
from commentsvc.http_terms import READ
from commentsvc.model import Subject, Version
from commentsvc.web.responses import constant
from tests.privacy.twins import APART, Twin, feed
from tests.running_service import InProcess, make_in_process

# Each GET route that no cache may keep, and why.
NEVER_CACHED = {
    "pages.thread": "carries a fresh form token",
    "events.thread_events": "goes on as long as somebody listens",
    "editing.own_comment": "is for the author alone",
    "editing.edit_page": "is for the author alone",
    "waiting_feed.what_waits": "is for a moderator alone",
    "decide_pages.ask": "is for a moderator alone",
    "posting.form_token": "is a fresh form token",
    "mail_pages.ask_to_confirm": "is for the receiver of a mail alone",
    "mail_pages.ask_to_stop": "is for the receiver of a mail alone",
    "own_pages.ask_for_address": "holds what was typed",
    "own_pages.own_page": "is for the owner of an address alone",
    "report_pages.report_page": "carries a fresh form token",
    "reporting.statement_of_reasons": "is for the author alone",
    "root.front_page": "is in the language of its reader",
    "health.healthz": "says how the process is now",
    "connection.seen": "says how this very request arrived",
    "health.readyz": "says how the process is now",
    "metrics.scrape": "says how the service is now",
    "security_txt.contact": "expires on a date that the operator changes",
}
# Each that is the same for the life of the process.
CONSTANT = {
    "scripts.embed",
    "scripts.count",
    "scripts.follow",
    "scripts.live",
    "scripts.write",
    "scripts.publisher",
    "scripts.words",
    "scripts.frame",
    "scripts.of_content",  # its digest names it
    "openapi.document",
    "openapi.docs",
}
FILES = "static"  # Flask's own: style sheets, which have no version
# These answer one person, and nothing of theirs is cached.
PRIVATE = (
    "moderating", "desk", "live", "bulk", "log", "ruling", "blocking", "noting", "shaping", "account", "figures", "factors", "invitations",
    "managing", "persons", "api_tokens", "sending", "webhooks",
)  # fmt: skip


@dataclass(frozen=True)
class Made:
    """An answer of a route, and what it was made from as the cache in front is told; None where it is not told."""

    endpoint: str
    path: str
    answer: Response
    read: tuple[Subject | None, Version, str] | None


@pytest.fixture(scope="module")
def twin(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twin]:
    folder = tmp_path_factory.mktemp("subjects")
    settings = {
        "MODERATION": "first",
        "CACHE_BYTES": "0",  # every answer is made by its route
        "SECURITY_TXT": "Contact: mailto:a@paper.example\nExpires: 2027-12-31T00:00:00Z",
    }
    with closing(make_in_process(folder, template, seed=7, **settings)) as service:
        twin = Twin(service, APART)
        feed(twin)
        yield twin


@contextmanager
def recorded(app: Flask) -> Iterator[list[Made]]:
    """What the routes of *app* answer during the block."""
    answers: list[Made] = []

    def record(_app: Flask, response: Response, **_more: Any) -> None:
        read = request.environ.get(READ)
        answers.append(Made(request.endpoint or "", request.path, response, read))

    with request_finished.connected_to(record, app):
        yield answers


@pytest.fixture
def made(twin: Twin) -> Iterator[list[Made]]:
    """What the routes answer while a test asks."""
    with recorded(twin.service.app) as answers:
        yield answers


def endpoints(app: Flask) -> set[str]:
    """The routes that can be read, but for the moderators' own."""
    return {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or set()) and not rule.endpoint.startswith(PRIVATE)
    } - {FILES}


def ask_all(twin: Twin) -> None:
    for (method, rule), samples in SAMPLES.items():
        for sample in samples if method == "GET" else []:
            twin.ask("GET", **({"path": rule} | sample))


def without_subject(app: Flask, answers: list[Made]) -> set[str]:
    """The routes of *app* that are not listed here, and do not say what their answers were made from."""
    told = {one.endpoint for one in answers if one.read is not None and one.read[0] is not None}
    return endpoints(app) - set(NEVER_CACHED) - CONSTANT - told


def test_every_route_that_is_read_says_what_its_answer_was_made_from(twin: Twin, made: list[Made]) -> None:
    ask_all(twin)

    assert without_subject(twin.service.app, made) == set()


def test_what_is_never_cached_says_so_and_has_no_tag(twin: Twin, made: list[Made]) -> None:
    ask_all(twin)

    assert endpoints(twin.service.app) >= set(NEVER_CACHED)
    for one in made:
        if one.endpoint in NEVER_CACHED:
            assert one.read is None, one.endpoint
            assert "ETag" not in one.answer.headers, one.endpoint
            assert one.answer.headers["Cache-Control"] == "no-store", one.endpoint


def test_what_is_cached_has_the_version_that_its_subject_has_now(twin: Twin, made: list[Made]) -> None:
    ask_all(twin)
    versions = twin.service.app.extensions["commentsvc"].versions

    cached = [one.read for one in made if one.read is not None and one.read[0] is not None]
    assert len(cached) > 10
    assert all(versions.now(subject) == version for subject, version, _ in cached)


def test_what_is_constant_stays_the_same_whatever_is_posted(twin: Twin, made: list[Made]) -> None:
    ask_all(twin)
    twin.reader("Ada").posted("kites", "A comment more.")
    ask_all(twin)

    tags: dict[tuple[str, str], set[str]] = {}
    for one in made:
        if one.endpoint in CONSTANT and one.answer.status_code == 200:
            assert one.read is not None
            tags.setdefault((one.endpoint, one.path), set()).add(one.read[2])
    assert {endpoint for endpoint, _ in tags} == CONSTANT
    assert all(len(of_one) == 1 for of_one in tags.values())


def test_a_route_that_forgets_its_subject_is_found(template: Path, tmp_path: Path) -> None:
    with closing(make_in_process(tmp_path / "planted", template)) as service:
        plant(service)
        with recorded(service.app) as answers:
            service.http().get("/latest")

        assert "latest" in without_subject(service.app, answers)


def plant(service: InProcess) -> None:
    """A route that is cached as if it were the same for ever."""

    @service.app.get("/latest")
    def latest() -> Response:
        return constant("the latest comment", "text/plain")
