"""Answers that are kept: the same as if each were rendered, made once, within bounds, and of no single reader."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

import httpx
import pytest

from commentsvc.diagnosis.public_requests import SAMPLES
from tests.conftest import MakeService
from tests.databases import NewDatabase, on_both
from tests.privacy.twins import APART, Twin, feed, seen
from tests.running_service import InProcess, make_in_process

__all__ = ["on_both"]  # what is kept, these tests say themselves

THREAD = "/api/v1/thread?article=a"
LOOPBACK = "127.0.0.1"


@pytest.fixture(scope="module")
def pair(
    template: Path, database: NewDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Twin, Twin]]:
    """One that keeps its answers and one that renders each, fed alike; what is asked of them changes nothing."""
    with ExitStack() as used:

        def make(size: str) -> Twin:
            where = used.enter_context(database())
            folder = tmp_path_factory.mktemp("twin")
            service = make_in_process(folder, template, seed=7, MODERATION="first", CACHE_BYTES=size, **where)
            return Twin(used.enter_context(closing(service)), APART)

        twins = make("1000000"), make("0")
        for twin in twins:
            feed(twin)
        yield twins


def counters(service: InProcess) -> dict[str, float]:
    """What this process says it did: hits, misses, milliseconds of rendering, bytes kept."""
    said = service.http(LOOPBACK).get("/healthz").headers["Server-Timing"]
    return {name: float(number) for name, number in re.findall(r'(\w+);(?:desc="|dur=)([\d.]+)', said)}


def shared(answer: httpx.Response) -> dict[str, str]:
    """Its headers but for the id of its request."""
    return {name: value for name, value in answer.headers.items() if name != "x-request-id"}


def in_any_order(
    answer: tuple[int, list[tuple[str, str]], bytes],
) -> tuple[int, list[tuple[str, str]], bytes]:
    """An answer, its headers in any order: an answer that is kept has them in its own."""
    status, headers, body = answer
    return status, sorted(headers), body


@pytest.mark.sampled(14)
@pytest.mark.any_database
@pytest.mark.parametrize(
    "more",
    [{}, {"Accept-Encoding": "br"}, {"Accept-Encoding": "gzip"}, {"If-None-Match": "*"}, {"If-Match": '"x"'}],
    ids=str,
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_every_public_answer_has_the_same_bytes_kept_or_rendered(
    pair: tuple[Twin, Twin], method: str, more: dict[str, str]
) -> None:
    kept, rendered = pair
    before = counters(kept.service)["hits"]

    for (asks, rule), samples in SAMPLES.items():
        for sample in samples if asks == "GET" else []:
            request = {"path": rule} | sample
            request["headers"] = {"Accept-Encoding": "identity"} | request.get("headers", {}) | more
            for _ in range(3):
                one, other = (twin.ask(method, **request) for twin in pair)
                assert in_any_order(seen(kept, one)) == in_any_order(seen(rendered, other)), request

    assert (counters(kept.service)["hits"] - before > 20) == (
        "If-Match" not in more
    )  # which Flask looks at alone
    assert counters(rendered.service) == {"hits": 0, "misses": 0, "render": 0, "kept": 0}


@pytest.mark.soak
@pytest.mark.slow_on_postgresql
def test_a_thread_that_changes_under_many_readers_is_rendered_once(
    make_service: MakeService, caplog: pytest.LogCaptureFixture
) -> None:
    service = make_service()
    reader = service.reader()
    for number in range(30):
        reader.comment("a", f"Number {number}.")
    reader.get(THREAD)
    rounds, readers = 5, 200
    start = threading.Barrier(readers)

    def read() -> list[str]:
        http = service.http()
        seen = []
        for number in range(rounds):
            if start.wait(60) == 0:
                reader.comment("a", f"Round {number}.")
            start.wait(60)
            seen.append(http.get(THREAD).headers["ETag"])
        return seen

    before = counters(service)["misses"]
    caplog.clear()
    with ThreadPoolExecutor(readers) as pool:
        tags = [future.result() for future in [pool.submit(read) for _ in range(readers)]]

    # What Flask answered has a line in the log.
    assert sum('"/api/v1/thread"' in line for line in caplog.messages) == rounds
    assert counters(service)["misses"] - before == rounds
    assert [len(set(of_round)) for of_round in zip(*tags, strict=True)] == [1] * rounds


def test_the_first_readers_at_once_open_the_index_of_the_log_once(make_service: MakeService) -> None:
    service = make_service()
    service.reader().get(THREAD)
    index, start = service.data_dir / "comments.db-shm", threading.Barrier(8)
    if not index.exists():  # PostgreSQL has none
        return

    def read(_: int) -> int:
        start.wait(30)
        return service.http().get(THREAD).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(read, range(8))) == {200}

    # SQLite's own, ours, and that of the mapping: to close any would drop SQLite's locks.
    assert sum(str(index) == os.path.realpath(f"/proc/self/fd/{n}") for n in os.listdir("/proc/self/fd")) == 3


def test_what_is_kept_is_not_counted_and_what_is_rendered_is(make_service: MakeService) -> None:
    service = make_service(RATE_LIMIT_READ="4 per minute")
    somebody, another = service.reader("192.0.2.1"), service.reader("192.0.2.2")
    somebody.comment("a")

    assert [somebody.get(THREAD).status_code for _ in range(20)] == [200] * 20
    fresh = [somebody.get("/api/v1/thread", article=f"other-{n}").status_code for n in range(5)]
    assert fresh == [200, 200, 429, 429, 429]
    assert somebody.get(THREAD).status_code == 200
    assert another.get("/api/v1/thread", article="other-4").status_code == 200
    assert somebody.get("/api/v1/thread", article="other-4").status_code == 200


def test_no_header_of_one_reader_reaches_another(make_service: MakeService) -> None:
    service = make_service()
    service.reader().comment("a")
    one = service.http(
        headers={"Origin": "https://one.example", "Cookie": "a=b", "X-Request-Id": "id.of-one"}
    )
    many = ["/api/v1/thread?article=a", "/thread/fragment?article=a", "/feeds/site.atom", "/embed.js"]

    for address in many:
        rendered = one.get(address)
        kept = service.http("192.0.2.9").get(address)
        assert "one.example" not in str(kept.headers.multi_items())
        assert rendered.headers["X-Request-ID"] == "id.of-one" != kept.headers["X-Request-ID"]
        assert shared(kept) == shared(rendered)
        assert not {"set-cookie", "server-timing", "ratelimit-limit", "date"} & set(kept.headers)


@pytest.mark.soak
@pytest.mark.any_database
def test_no_more_is_kept_than_the_setting_says_and_the_least_used_goes_first(
    make_service: MakeService,
) -> None:
    service = make_service(CACHE_BYTES="60000")
    reader = service.reader()
    for number in range(40):
        reader.comment(f"a-{number}", "Words enough to be seen. " * 40)

    def misses(article: str) -> float:
        before = counters(service)["misses"]
        reader.thread(article)
        return counters(service)["misses"] - before

    for number in range(40):
        reader.thread(f"a-{number}")
        reader.thread("a-0")
        assert 0 < counters(service)["kept"] <= 60000
    assert counters(service)["misses"] == 40
    assert misses("a-0") == 0
    assert misses("a-39") == 0
    assert misses("a-1") == 1


@pytest.mark.any_database
@pytest.mark.parametrize("size", ["1", "3000"])
def test_an_answer_larger_than_all_that_may_be_kept_is_sent_all_the_same(
    make_service: MakeService, size: str
) -> None:
    service = make_service(CACHE_BYTES=size)
    reader = service.reader()
    reader.comment("a", "Long. " * 1000)

    assert [len(reader.get(THREAD).content) > 5000 for _ in range(3)] == [True] * 3
    assert counters(service)["kept"] <= int(size)


def test_the_loopback_alone_is_told_the_counters(make_service: MakeService) -> None:
    service = make_service()

    assert "Server-Timing" not in service.http().get("/healthz").headers
    assert "Server-Timing" in service.http("::1").get("/healthz").headers


@pytest.mark.any_database
@pytest.mark.parametrize("broken", ["body", "coded", "headers", "subject"])
def test_an_answer_that_is_damaged_is_made_again(make_service: MakeService, broken: str) -> None:
    service = make_service()
    reader = service.reader()
    reader.comment("a")
    good = reader.get(THREAD)
    assert shared(reader.get(THREAD)) == shared(good)
    kept = service.app.extensions["commentsvc.response_cache"].find(("/api/v1/thread", "article=a"))
    kept.coded.clear()
    kept.commits = None

    setattr(kept, broken, 17)

    for _ in range(2):
        again = reader.get(THREAD)
        assert (again.status_code, shared(again), again.content) == (200, shared(good), good.content)


def test_a_clock_that_steps_back_changes_no_order_and_no_version(make_service: MakeService) -> None:
    service = make_service(FORM_MIN_SECONDS="0")
    reader = service.reader()
    tags = []
    for text, hours in (("First.", 0), ("Second.", -1), ("Third.", 0)):
        service.clock.move(hours=hours)
        reader.comment("a", text)
        tags.append(reader.get(THREAD).headers["ETag"])

    assert reader.texts("a") == ["First.", "Second.", "Third."]
    assert reader.texts("a", order="newest") == ["Third.", "Second.", "First."]
    assert len(set(tags)) == 3


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("/api/v1/counts", "&".join(f"article=a-{n}" for n in range(10_000)), 422),
        ("/api/v1/thread", "article=a&junk=" + "x" * 64_000, 200),
        ("/api/v1/thread", "article=" + "x" * 64_000, 422),
        ("/api/v1/thread", "&" * 64_000 + "article=a", 200),
        ("/api/v1/thread", "article=a&article=b", 200),
        ("/api/v1/comments/" + "x" * 64_000, "", 404),
        ("/api/v1/comments/", "", 404),
        ("/api/v1/comments/%00", "", 404),
        ("/api/v1/thread", "article=%00", 422),
        ("/api/v1/thread", "article=%FF", 422),
    ],
    ids=lambda part: str(part)[:30],
)
def test_what_is_asked_wrongly_is_answered_and_never_kept(
    make_service: MakeService, path: str, query: str, status: int
) -> None:
    service = make_service()

    answers = [service.app.test_client().get(path, query_string=query) for _ in range(3)]

    assert {answer.status_code for answer in answers} == {status}
    assert len({answer.data for answer in answers}) == 1
    if status != 200 or len(query) > 16_000:
        assert counters(service)["kept"] == 0
