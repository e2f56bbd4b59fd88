"""What one reader is answered depends on nothing that another sent: no header poisons a cached answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from werkzeug.datastructures import EnvironHeaders

from commentsvc.cache.middleware import CONDITIONS
from commentsvc.serving.bounded_headers import DROPPED, REFUSED
from commentsvc.web.requests import Request
from tests.running_service import InProcess

# Values that change an answer where the header is heeded, for headers of which such a value is known.
VALUES = {
    "Accept": ["text/html"],
    "Accept-Encoding": ["br", "identity;q=0"],
    "Accept-Language": ["ar"],
    "Host": ["evil.example"],
    "Origin": ["https://evil.example"],
    "Range": ["bytes=0-5"],
    "If-None-Match": ["*"],
    "X-Forwarded-For": ["198.51.100.7"],
}
OTHERWISE = ["1"]
OF_BODIES_AND_THE_DESK = {"Content-Length", "Content-Type", "Cookie"}
ROUTES = [
    "/api/v1/thread?article=a", "/api/v1/counts?article=a&article=b", "/thread/fragment?article=a", "/thread?article=a",
    "/thread/fragment?article=a&lang=de", "/feeds/thread.atom?article=a", "/feeds/site.atom", "/embed.js", "/write.js",
    "/frame.js", "/count.js", "/openapi.json", "/docs", "/", "/api/v1/comments/COMMENT", "/thread?article=a&order=newest",
]  # fmt: skip
PARTS = 8  # of the other headers, which `make soak` tries
TOKEN = re.compile(r'(name="token" value=")[^"]*')


class _Heard(EnvironHeaders):
    names: set[str]

    def __getitem__(self, key: Any, *more: Any) -> Any:
        self.names.add(str(key).title())
        return super().__getitem__(key, *more)

    def get(self, key: Any, *more: Any, **options: Any) -> Any:
        self.names.add(str(key).title())
        return super().get(key, *more, **options)

    def __contains__(self, key: Any) -> bool:
        self.names.add(str(key).title())
        return super().__contains__(key)


@pytest.fixture(scope="module")
def fed(shared_service: InProcess) -> tuple[InProcess, list[str]]:
    comment = shared_service.reader().comment("a", "A comment with a [link](https://paper.example/).")
    shared_service.reader().comment("a", "Its reply.", parent=comment)
    return shared_service, [route.replace("COMMENT", comment) for route in ROUTES]


def headers_that_code_reads(service: InProcess, routes: list[str]) -> Iterator[str]:
    """By listening while all routes are read; what stands before Flask names its own."""
    names: set[str] = set()

    class ListeningRequest(Request):
        @property
        def headers(self) -> Any:  # type: ignore[override]
            heard = _Heard(self.environ)
            heard.names = names
            return heard

        @headers.setter
        def headers(self, value: Any) -> None:
            pass

    service.app.request_class = ListeningRequest
    for route in routes:
        for method in ("GET", "HEAD", "POST"):
            service.http().request(method, route)
    before_flask = {
        name.removeprefix("HTTP_").replace("_", "-").title() for name in (*CONDITIONS, *DROPPED, *REFUSED)
    }
    yield from sorted(
        names
        | {name for name in before_flask if "." not in name}
        | {"Host", "User-Agent", "X-Forwarded-Host"}
    )


def read(http: httpx.Client, route: str, headers: dict[str, str]) -> tuple[int, str, str | None]:
    answer = http.get(route, headers=headers)
    return answer.status_code, TOKEN.sub(r"\1", answer.text), answer.headers.get("Content-Language")


@pytest.fixture(scope="module")
def names(fed: tuple[InProcess, list[str]]) -> list[str]:
    service, routes = fed
    names = list(headers_that_code_reads(service.restarted(), routes))
    assert {"Accept", "Accept-Language", "Accept-Encoding", "If-None-Match"} <= set(names)
    return [name for name in names if name not in OF_BODIES_AND_THE_DESK]


@pytest.mark.soak
@pytest.mark.parametrize("part", [None, *(pytest.param(n, marks=pytest.mark.soak) for n in range(PARTS))])
def test_every_route_is_read_under_every_header_in_both_orders(
    fed: tuple[InProcess, list[str]], names: list[str], part: int | None
) -> None:
    service, routes = fed
    others = [name for name in names if name not in VALUES]

    poisoned = []
    for name in VALUES.keys() & set(names) if part is None else others[part::PARTS]:
        for value in VALUES.get(name, OTHERWISE):
            plain_first, odd_first = service.restarted().http(), service.restarted().http()
            one = [read(plain_first, route, {}) for route in routes]
            for route in routes:
                read(odd_first, route, {name: value})
            other = [read(odd_first, route, {}) for route in routes]
            poisoned += [
                (name, value, route, a, b) for route, a, b in zip(routes, one, other, strict=True) if a != b
            ]
            again = [read(plain_first, route, {name: value}) for route in routes]
            first = [read(odd_first, route, {name: value}) for route in routes]
            poisoned += [
                (name, value, route, a, b) for route, a, b in zip(routes, again, first, strict=True) if a != b
            ]

    assert poisoned == []
