"""All that a request counts as is counted at once, in each storage."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from limits.storage import storage_from_string
from sqlalchemy import Engine, create_engine, make_url

from commentsvc.errors import TooMany
from commentsvc.rate_limits.limiter import RateLimiter, SharedWindows
from commentsvc.rate_limits.postgresql import PostgresqlMovingWindow
from commentsvc.rate_limits.redis import RedisMovingWindow
from commentsvc.rate_limits.sqlite import SqliteMovingWindow
from commentsvc.rate_limits.windows import Hit, Window
from commentsvc.storage.outage import Outage
from commentsvc.storage.postgresql import engine_options, take_over
from tests.databases import POSTGRESQL
from tests.postgresql import Cluster
from tests.redis_server import RedisServer, redis_server

MINUTE = Window("bo by the minute", 3, 60)
HOUR = Window("bo by the hour", 5, 3600)
OTHER = Window("al by the minute", 3, 60)


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    # The path of a socket has at most 107 bytes.
    with tempfile.TemporaryDirectory() as folder, redis_server(Path(folder)) as server:
        yield server


@pytest.fixture
def engine(postgresql: Cluster) -> Iterator[Engine]:
    with postgresql.database() as where:
        engine = create_engine(where["DATABASE_URL"], **engine_options(make_url(where["DATABASE_URL"]), 2))
        take_over(engine, 2, Outage())
        with engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM rate_hit")  # that of the template: it could count
        yield engine
        engine.dispose()


@pytest.fixture(params=["sqlite", "redis", POSTGRESQL])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> SharedWindows:
    if request.param == "sqlite":
        file = tmp_path / "limits.db"
        return SqliteMovingWindow(file.as_uri().replace("file:", "commentsvc-sqlite:", 1))
    if request.param == "postgresql":
        return PostgresqlMovingWindow(request.getfixturevalue("engine"), time.time, Outage())
    found = storage_from_string(request.getfixturevalue("redis").url)
    found.reset()
    return RedisMovingWindow(found)  # type: ignore[arg-type]


def used(storage: SharedWindows, window: Window) -> int:
    return storage.get_moving_window(window.key, window.limit, window.seconds)[1]


def test_a_hit_counts_in_all_of_its_windows_or_in_none(storage: SharedWindows) -> None:
    hit, of_hour = Hit([MINUTE, HOUR]), Hit([HOUR])
    assert [storage.acquire_all([one]) for one in [hit, hit, of_hour, of_hour, of_hour]] == [None] * 5

    assert storage.acquire_all([hit]) is hit

    assert (used(storage, MINUTE), used(storage, HOUR)) == (2, 5)


def test_what_comes_before_a_refused_hit_is_counted_and_what_follows_is_not(storage: SharedWindows) -> None:
    first, full, last = Hit([HOUR]), Hit([MINUTE]), Hit([OTHER])
    assert storage.acquire_all([full, full, full]) is None

    assert storage.acquire_all([first, full, last]) is full

    assert [used(storage, window) for window in (HOUR, MINUTE, OTHER)] == [1, 3, 0]


def test_what_is_taken_back_counts_no_more(storage: SharedWindows) -> None:
    hit = Hit([MINUTE, HOUR])
    counted = 0
    while storage.acquire_all([hit]) is None:
        counted += 1

    assert storage.acquire_all([hit.taken_back()]) is None

    assert storage.acquire_all([hit]) is None
    assert storage.acquire_all([hit]) is hit
    assert counted == min(MINUTE.limit, HOUR.limit)


@pytest.mark.parametrize(("more", "counted"), [(0, 1), (1, 2), (2, 3), (3, 3), (500, 3)])
def test_what_was_done_already_counts_as_far_as_there_is_room(
    storage: SharedWindows, more: int, counted: int
) -> None:
    assert storage.acquire_all([Hit([HOUR, MINUTE], more=more)]) is None

    assert (used(storage, MINUTE), used(storage, HOUR)) == (counted, counted)


def test_a_hit_of_more_than_there_is_room_for_is_refused_whole(storage: SharedWindows) -> None:
    hit = Hit([MINUTE], amount=2)

    assert [storage.acquire_all([one]) for one in (hit, hit, Hit([MINUTE], amount=0))] == [None, hit, None]

    assert used(storage, MINUTE) == 2


def test_of_many_at_once_no_more_are_counted_than_may(storage: SharedWindows) -> None:
    hits = [Hit([OTHER]), Hit([MINUTE, HOUR])]

    with ThreadPoolExecutor(8) as threads:
        refused = list(threads.map(storage.acquire_all, [hits] * 24))

    assert refused.count(None) == 3
    assert [used(storage, window) for window in (OTHER, MINUTE, HOUR)] == [3, 3, 3]


def test_a_window_that_was_found_full_is_remembered_for_all_who_are_counted_in_it(
    storage: SharedWindows,
) -> None:
    """As the hosts of an IPv6 /48 are, each of which may have a /64 of its own."""
    limiter = RateLimiter(storage, time.time)
    hosts = [Hit([Window(f"host {number}", 3, 60), HOUR]) for number in range(7)]
    for hit in hosts[:5]:
        limiter.hit([hit])
    limiter.raise_known(hosts[6])
    with pytest.raises(TooMany):
        limiter.hit([hosts[5]])

    with pytest.raises(TooMany) as refused:
        limiter.raise_known(hosts[6])

    assert refused.value.limit == HOUR.limit
    limiter.raise_known(Hit([MINUTE]))


@pytest.mark.postgresql
def test_what_has_expired_is_swept_and_a_clock_set_back_keeps_nobody_out_for_long(engine: Engine) -> None:
    now = [1_000_000.0]
    storage = PostgresqlMovingWindow(engine, lambda: now[0], Outage())
    for number in range(20):
        storage.acquire_entry(f"client {number}", 1, 60)
    now[0] += 61
    for number in range(4):
        assert storage.acquire_entry(f"client {number}", 1, 60)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM rate_hit").scalar_one() == 4

    now[0] -= 3600

    assert storage.acquire_entry("client 0", 1, 60)
    assert not storage.acquire_entry("client 0", 1, 60)
