"""What a route reads and answers stands in its description: found by watching it, not by a list kept here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request_finished
from werkzeug.datastructures import MultiDict

from commentsvc.web.api.openapi import parameters_of
from commentsvc.web.descriptions import description_of
from commentsvc.web.requests import Request
from tests.faults.test_database_out import addresses_of, asked, spoil
from tests.people import bearer
from tests.running_service import InProcess, make_in_process

SIGNED_IN = (
    "desk.",
    "account.",
    "live.",
    "log.",
    "ruling.",
    "sending.",
    "shaping.",
)  # nobody is, here: these lead to the sign-in
ALL = "*"  # a route that reads whatever there is, and looks at the names later
JUNK = "%00junk" + "x" * 300


class Reads(MultiDict[str, str]):
    """The parameters of a query, and who read which."""

    seen: set[str]

    def items(self, *more: Any, **options: Any) -> Any:
        self.seen.add(ALL)
        return super().items(*more, **options)

    def lists(self) -> Any:
        self.seen.add(ALL)
        return super().lists()

    def get(self, key: str, *more: Any, **options: Any) -> Any:
        self.seen.add(key)
        return super().get(key, *more, **options)

    def getlist(self, key: str, *more: Any, **options: Any) -> Any:
        self.seen.add(key)
        return super().getlist(key, *more, **options)

    def __getitem__(self, key: str) -> str:
        self.seen.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self.seen.add(str(key))
        return super().__contains__(key)


class Watched:
    """A service of which it is known what each route read and answered."""

    def __init__(self, service: InProcess) -> None:
        self.service = service
        self.read: defaultdict[str, set[str]] = defaultdict(set)
        self.answered: defaultdict[str, set[int]] = defaultdict(set)
        watched = self

        class WatchingRequest(Request):
            @property
            def args(self) -> Any:
                reads = Reads(super().args)
                reads.seen = watched.read[self.endpoint or ""]
                return reads

        service.app.request_class = WatchingRequest
        request_finished.connect(self._note, service.app)

    def _note(self, _app: Any, response: Any, **_more: Any) -> None:
        from flask import request

        self.answered[request.endpoint or ""].add(response.status_code)


@pytest.fixture(scope="module")
def watched(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """One of which each route was asked."""
    security = "Contact: mailto:a@paper.example\nExpires: 2027-12-31T00:00:00Z"
    data_dir = tmp_path_factory.mktemp("watched")
    with closing(make_in_process(data_dir, template, SECURITY_TXT=security)) as service:
        watched = Watched(service)
        exercise(watched)
        yield watched
        request_finished.disconnect(watched._note, service.app)


def exercise(watched: Watched) -> None:
    """Ask each route in the ways in which people, programs and strangers ask."""
    service = watched.service
    reader, moderator = service.reader(), service.moderator()
    posted = reader.posted("a")
    comment, key = posted["comment"]["id"], posted["edit_key"]
    http = service.http()
    for method, path in addresses_of(service.app):
        for accept in ("*/*", "text/html"):
            asked(http, method, path, accept)
        if path.startswith("/moderation/sign-out"):
            continue
        own = path.replace("c-1", comment)
        full = {
            "article": "a",
            "comment": comment,
            "lang": "de",
            "limit": "3",
            "order": "newest",
            "own": "x",
            "held": "1",
        }
        for headers in ({}, bearer(key), moderator.headers):
            http.request(method, own, params=full, headers=headers)
            http.request(
                method, own, params=full | {"site": "none", "limit": JUNK, "cursor": JUNK}, headers=headers
            )
            may = (headers == moderator.headers) == ("/moderation" in path)
            if method in {"POST", "PATCH"} and may:  # others are refused before a body is read
                http.request(
                    method, own, content=b"{", headers=headers | {"Content-Type": "application/json"}
                )
                http.request(method, own, json={}, headers=headers)
                http.request(method, own, content=b"x" * 300_000, headers=headers)
                http.request(method, own, content=b"x", headers=headers | {"Content-Type": "text/plain"})
                http.request(
                    method, own, json={"ids": [comment]}, headers=headers | {"Origin": "https://evil.example"}
                )


def described_endpoints(app: Flask) -> list[str]:
    return [endpoint for endpoint, view in app.view_functions.items() if description_of(view) is not None]


def described_parameters(app: Flask, endpoint: str) -> set[str]:
    description = description_of(app.view_functions[endpoint])
    assert description is not None
    return {one["name"] for one in parameters_of(app, endpoint, description) if one["in"] == "query"}


@pytest.mark.soak
def test_every_parameter_that_is_read_is_described_and_the_other_way_round(watched: Watched) -> None:
    app = watched.service.app
    endpoints = described_endpoints(app)

    undescribed = [
        (endpoint, name)
        for endpoint, names in watched.read.items()
        if endpoint in endpoints
        for name in sorted(names - described_parameters(app, endpoint) - {"article", ALL})
    ]
    unread = [
        (endpoint, name)
        for endpoint in endpoints
        if ALL not in watched.read[endpoint] and not endpoint.startswith(SIGNED_IN)
        for name in sorted(described_parameters(app, endpoint) - watched.read[endpoint] - {"article"})
    ]
    assert (undescribed, unread) == ([], [])


@pytest.mark.soak
def test_every_status_that_is_answered_is_described(watched: Watched) -> None:
    document = watched.service.reader().get("/openapi.json").json()
    endpoints = described_endpoints(watched.service.app)
    spoil(watched.service)
    http = watched.service.http()
    for method, path in addresses_of(watched.service.app):
        asked(http, method, path, "*/*")

    described: defaultdict[str, set[int]] = defaultdict(set)
    for operations in document["paths"].values():
        for operation in operations.values():
            described[operation["operationId"]] |= {int(status) for status in operation["responses"]}
    missing = {
        endpoint: statuses - described[endpoint.replace(".", "_")]
        for endpoint, statuses in watched.answered.items()
        if endpoint in endpoints
    }
    assert not {endpoint: statuses for endpoint, statuses in missing.items() if statuses}
