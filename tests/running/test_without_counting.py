"""The storage of the limits is out: reads go on, posts are counted here, and who signs in is told to come again."""

from __future__ import annotations

import json
import resource
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from commentsvc.rate_limits.limiter import PAUSE_SECONDS
from tests.conftest import MakeService
from tests.garbage import not_collected
from tests.moderating.desk import PASSWORD, Desk
from tests.redis_server import RedisServer, redis_server
from tests.running_service import InProcess

LIMITS = {
    "RATE_LIMIT_POST": "6 per minute; 40 per hour",
    "RATE_LIMIT_READ": "30 per minute",
    "RATE_LIMIT_RENDER": "16 per minute",
    "RATE_LIMIT_SIGN_IN": "10 per minute",
    "CACHE_BYTES": "0",
}
DEGRADED = "degraded: the storage of the rate limits cannot be reached"


def make_it_a_folder(file: Path) -> None:
    for leftover in file.parent.glob("limits.db*"):
        leftover.unlink()
    file.mkdir()


def fill_with_something_else(file: Path) -> None:
    for leftover in file.parent.glob("limits.db*"):
        leftover.unlink()
    with closing(sqlite3.connect(file)) as other:
        other.execute("CREATE TABLE tales (text)")


@pytest.fixture
def service(make_service: MakeService) -> InProcess:
    service = make_service(**LIMITS)
    service.run("user", "add", "editor@paper.example", input=PASSWORD + "\n")
    return service


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    # The path of a socket has at most 107 bytes.
    with tempfile.TemporaryDirectory() as folder, redis_server(Path(folder)) as server:
        yield server


def goes_on(service: InProcess) -> None:
    """All that must be so where nothing can be counted."""
    reader = service.reader()
    assert {reader.get("/thread", article="a").status_code for _ in range(40)} == {200}
    assert reader.get("/readyz").text == DEGRADED
    assert Counter(reader.post("a", f"{n} posts.").status_code for n in range(6)) == {201: 3, 429: 3}
    refused = reader.post("a")
    assert (refused.headers["RateLimit-Limit"], refused.headers["Retry-After"]) == ("3", "60")
    assert service.reader("192.0.2.9").post("a").status_code == 201
    with not_collected():
        answers = [
            service.reader("192.0.2.10").http.post("/api/v1/preview", json={"text": "A."}) for _ in range(10)
        ]
    assert [answer.status_code for answer in answers] == [200] * 8 + [429] * 2

    signing_in = Desk(service.http()).sign_in()
    assert (signing_in.status_code, signing_in.headers["Retry-After"].isdecimal()) == (503, True)


@pytest.mark.parametrize("lose", [make_it_a_folder, fill_with_something_else])
def test_a_file_that_cannot_be_used(
    service: InProcess, caplog: pytest.LogCaptureFixture, lose: Callable[[Path], None]
) -> None:
    lose(service.data_dir / "limits.db")

    goes_on(service)

    assert len(told_of(caplog)) == 1


def test_a_file_that_is_damaged_in_use(service: InProcess) -> None:
    reader = service.reader()
    assert reader.post("a", "Before.").status_code == 201
    for file in service.data_dir.glob("limits.db*"):
        file.write_bytes(b"This is no database. " * 4000)

    answers = [reader.post("a", f"After {n}.").status_code for n in range(7)]

    assert answers == [201] * 6 + [429]
    assert service.restarted(**LIMITS).reader().post("a").status_code == 429


@contextmanager
def no_room_for_files_beyond(size: int) -> Iterator[None]:
    """Let no file of this process grow further: the kernel says so as it does of a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_that_is_full(service: InProcess, caplog: pytest.LogCaptureFixture) -> None:
    reader = service.reader()
    reader.get("/thread", article="a")
    log_of_writes = service.data_dir / "limits.db-wal"

    with no_room_for_files_beyond(log_of_writes.stat().st_size):
        answers = [reader.get("/thread", article="a").status_code for _ in range(40)]
        preview = reader.http.post("/api/v1/preview", json={"text": "A."})

    assert (set(answers), preview.status_code) == ({200}, 200)
    assert len(told_of(caplog)) == 1


@pytest.mark.alone
@pytest.mark.soak  # a bound on time
def test_a_file_that_somebody_locks_keeps_nobody_waiting_for_long(
    service: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(sqlite3.connect(service.data_dir / "limits.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        reader = service.reader()

        began = time.monotonic()
        assert [reader.get("/thread", article="a").status_code for _ in range(20)] == [200] * 20
        assert time.monotonic() - began < PAUSE_SECONDS
        assert len(told_of(caplog)) == 1
        other.execute("ROLLBACK")

    time.sleep(PAUSE_SECONDS)
    assert reader.get("/thread", article="a").status_code == 200
    assert Desk(service.http()).sign_in().status_code == 303


@pytest.mark.soak
@pytest.mark.slow
@pytest.mark.sampled(2)
@pytest.mark.parametrize("lose", [RedisServer.kill, RedisServer.freeze])
def test_redis_is_lost_and_comes_back(
    make_service: MakeService,
    redis: RedisServer,
    caplog: pytest.LogCaptureFixture,
    lose: Callable[[RedisServer], None],
) -> None:
    service = make_service(**LIMITS, REDIS_URL=redis.url)
    service.run("user", "add", "editor@paper.example", input=PASSWORD + "\n")
    reader = service.reader()
    assert reader.get("/readyz").text == "ok"
    assert [reader.post("b", f"{n} with Redis.").status_code for n in range(7)] == [201] * 6 + [429]
    assert Desk(service.http()).sign_in().status_code == 303

    lose(redis)

    goes_on_elsewhere = service.reader("192.0.2.77")
    assert goes_on_elsewhere.get("/thread", article="a").status_code == 200
    service.client_address = "192.0.2.78"
    goes_on(service)
    assert len(told_of(caplog)) == 1

    redis.kill()
    redis.start()
    time.sleep(PAUSE_SECONDS)
    service.client_address = "192.0.2.79"
    back = service.reader()
    assert back.get("/readyz").text == "ok"
    assert [back.post("c", f"{n} with Redis.").status_code for n in range(7)] == [201] * 6 + [429]


@pytest.mark.alone
@pytest.mark.soak  # a bound on time
@pytest.mark.parametrize("lose", [RedisServer.kill, RedisServer.freeze])
def test_nobody_waits_long_for_a_redis_that_is_lost(
    make_service: MakeService, redis: RedisServer, lose: Callable[[RedisServer], None]
) -> None:
    reader = make_service(**LIMITS, REDIS_URL=redis.url).reader()
    assert reader.get("/thread", article="a").status_code == 200

    lose(redis)

    began = time.monotonic()
    assert reader.get("/thread", article="a").status_code == 200
    assert time.monotonic() - began < 3


def test_with_redis_a_client_is_counted_by_its_networks_too(
    make_service: MakeService, redis: RedisServer
) -> None:
    service = make_service(**LIMITS, REDIS_URL=redis.url)

    answers = Counter(service.reader(f"2001:db8:0:{n:x}::1").post("a").status_code for n in range(27))

    assert answers == {201: 24, 429: 3}


def told_of(caplog: pytest.LogCaptureFixture) -> list[dict[str, str]]:
    """The lines of the log that say that nothing can be counted."""
    lines = [json.loads(record.message) for record in caplog.records if record.message.startswith("{")]
    return [line for line in lines if line["event"] == "rate limits cannot be counted"]
