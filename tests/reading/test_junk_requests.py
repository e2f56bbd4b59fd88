"""Who makes up addresses drives out nothing that many read, takes no memory, and is counted."""

from __future__ import annotations

import gc
import logging
import tracemalloc
from collections.abc import Callable, Iterator
from random import Random
from urllib.parse import urlencode

import pytest
from werkzeug.test import create_environ, run_wsgi_app

from commentsvc.cache.store import HALF_LIFE_SECONDS, Answer, ResponseCache
from commentsvc.cache.versions import of_thread
from tests.conftest import MakeService
from tests.databases import on_sqlite
from tests.reading.test_kept_answers import counters
from tests.running_service import InProcess

__all__ = ["on_sqlite"]  # nothing here depends on the database

HOT = 20  # threads that are read often
CACHE_BYTES = 400_000
MANY = 150  # requests of a shape: more answers than there is room for

JUNK: dict[str, Callable[[int], str]] = {
    "parameters that nobody reads": lambda n: f"/api/v1/thread?article=hot-1&x={n}",
    "a script with parameters": lambda n: f"/embed.js?x={n}",
    "long ones": lambda n: f"/api/v1/thread?article=hot-1&x={n}{'y' * 14_000}",
    "names of parameters": lambda n: f"/thread/fragment?article=hot-1&x{n}",
    "invented articles": lambda n: f"/api/v1/thread?article=junk-{n}",
    "invented long articles": lambda n: "/api/v1/thread?" + urlencode({"article": f"{n}" + "漢" * 200}),
    "invented comments": lambda n: f"/thread/fragment?article=hot-1&comment=junk{n}",
    "languages": lambda n: f"/thread/fragment?article=hot-1&lang=x-{n}",
    "sites": lambda n: f"/feeds/site.atom?site=junk-{n}",
    "cursors": lambda n: f"/api/v1/thread?article=hot-1&cursor=junk{n}",
    "limits": lambda n: f"/api/v1/thread?article=hot-1&limit={n % 200 + 1}",
    "counts in any order": lambda n: "/api/v1/counts?" + urlencode(shuffled(n)),
    "counts of invented articles": lambda n: (
        "/api/v1/counts?" + urlencode([("article", f"{n}-{k}") for k in range(50)])
    ),
    "comments": lambda n: f"/api/v1/comments/junk{n}",
    "digests": lambda n: f"/embed-{n:016x}.js",
    "paths": lambda n: f"/write{n}.js",
}


def shuffled(seed: int) -> list[tuple[str, str]]:
    articles = [("article", f"hot-{n}") for n in range(HOT)]
    Random(seed).shuffle(articles)
    return articles


@pytest.fixture(scope="module")
def fed(shared_service: InProcess) -> InProcess:
    for number in range(HOT):
        shared_service.reader().comment(f"hot-{number}", "Words enough to be seen.")
    return shared_service


@pytest.fixture
def service(fed: InProcess) -> InProcess:
    """One with nothing cached yet, on the data of all these tests."""
    return fed.restarted(CACHE_BYTES=str(CACHE_BYTES))


def read_hot(service: InProcess) -> float:
    """Read all hot threads, and give how many had to be rendered."""
    reader, before = service.reader(), counters(service)["misses"]
    for number in range(HOT):
        reader.thread(f"hot-{number}")
    return counters(service)["misses"] - before


@pytest.mark.soak
@pytest.mark.sampled(6)
@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("shape", JUNK)
def test_junk_of_any_shape_drives_out_no_hot_thread(service: InProcess, shape: str, times: int) -> None:
    assert [read_hot(service) for _ in range(10)] == [HOT] + 9 * [0]
    http = service.http("192.0.2.66")

    for number in range(MANY):
        for _ in range(times):
            assert http.get(JUNK[shape](number)).status_code < 500
        assert counters(service)["kept"] <= CACHE_BYTES

    assert read_hot(service) == 0


@pytest.fixture
def _unlogged() -> Iterator[None]:
    """The log of each request, which the tests collect, takes more memory than an answer."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.soak
@pytest.mark.sampled(8)
@pytest.mark.usefixtures("_unlogged")
@pytest.mark.parametrize("shape", JUNK)
def test_memory_stays_within_the_setting(service: InProcess, shape: str) -> None:
    asks = [JUNK[shape](number).partition("?") for number in range(MANY + 20)]

    def ask(path: str, query: str) -> None:  # without a client, which remembers addresses as well
        environ = create_environ(path, query_string=query, headers={"Accept-Encoding": "br"})
        run_wsgi_app(service.app, environ)

    for path, _, query in asks[MANY:]:  # whatever is loaded at the first request of a kind
        ask(path, query)
    gc.collect()
    tracemalloc.start()

    for path, _, query in asks[:MANY]:
        ask(path, query)

    gc.collect()
    grown = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert grown <= CACHE_BYTES * 1.1


@pytest.mark.sampled(8)
@pytest.mark.parametrize("shape", JUNK)
def test_what_is_not_cached_yet_is_counted_whatever_it_is(make_service: MakeService, shape: str) -> None:
    service = make_service(RATE_LIMIT_READ="5 per minute")
    http = service.http("192.0.2.66")

    for number in range(30):
        http.get(JUNK[shape](number))
    flask_answered = counters(service)["misses"]

    assert flask_answered <= 30
    refused = http.get("/api/v1/thread?article=another").status_code == 429
    assert refused or flask_answered <= 5


def test_scripts_stay_whatever_is_asked(service: InProcess) -> None:
    http = service.http()
    for script in ("embed", "count", "write", "follow", "publisher", "frame"):
        http.get(f"/{script}.js")
    before = counters(service)["misses"]
    for number in range(MANY):
        http.get(JUNK["invented articles"](number))

    for script in ("embed", "count", "write", "follow", "publisher", "frame"):
        http.get(f"/{script}.js?x={before}")

    assert counters(service)["misses"] - before == MANY


class TestRoom:
    """The cache by itself."""

    @staticmethod
    def answer(size: int = 1000) -> Answer:
        return Answer(of_thread(1, "a"), (), "", [], b"x" * size)

    def ask(self, cache: ResponseCache, key: str, size: int = 1000) -> None:
        cache.get_or_render((key, ""), lambda _: True, lambda: self.answer(size))

    def has(self, cache: ResponseCache, key: str) -> bool:
        return (key, "") in cache._answers

    def test_what_is_asked_for_more_often_enters(self) -> None:
        cache = ResponseCache(20_000)
        for number in range(20):
            for _ in range(3):
                self.ask(cache, f"hot {number}")
        kept = [number for number in range(20) if self.has(cache, f"hot {number}")]
        assert 3 < len(kept) < 10

        asked = 0
        while not self.has(cache, "new") and asked < 10:
            self.ask(cache, "new")
            asked += 1

        assert asked == 4

    def test_what_was_hot_long_ago_gives_way(self) -> None:
        now = [0.0]
        cache = ResponseCache(10_000, clock=lambda: now[0])
        for _ in range(8):
            self.ask(cache, "old")
            self.ask(cache, "older")
            self.ask(cache, "oldest")
        self.ask(cache, "new")
        assert not self.has(cache, "new")

        for number in range(4):
            now[0] += HALF_LIFE_SECONDS
            self.ask(cache, f"another {number}")
        self.ask(cache, "new")

        assert self.has(cache, "new")

    def test_a_large_one_drives_out_several_or_none(self) -> None:
        cache = ResponseCache(20_000)
        for number in range(4):
            self.ask(cache, f"cold {number}")
        for _ in range(5):
            self.ask(cache, "hot")

        self.ask(cache, "large", 8_000)
        assert self.has(cache, "large")
        assert self.has(cache, "hot")

        self.ask(cache, "too large", 18_500)
        assert not self.has(cache, "too large")
        assert self.has(cache, "hot")
        assert self.has(cache, "large")
