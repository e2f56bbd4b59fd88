"""The limits' storage counts exactly, across threads and processes, and survives the loss of its file."""

from __future__ import annotations

import logging
import multiprocessing
import sqlite3
import stat
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from flask_limiter import Limiter
from limits import RateLimitItem, parse
from limits.errors import ConfigurationError, StorageError
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter, MovingWindowRateLimiter

from commentsvc.rate_limits import sqlite
from commentsvc.rate_limits.sqlite import SqliteMovingWindow
from commentsvc.rate_limits.windows import SWEPT_PER_ROW

PATIENT = 60.0  # seconds
NOON = 1_764_000_000.25  # seconds since the epoch
FIVE_A_MINUTE: RateLimitItem = parse("5/minute")
CLIENTS = [f"client {number}" for number in range(10)]
gate: threading.Barrier  # set in each process of the pool


class Clock:
    def __init__(self) -> None:
        self.seconds = NOON

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "limits.db"


@pytest.fixture
def storage(file: Path, clock: Clock) -> SqliteMovingWindow:
    return SqliteMovingWindow(uri_of(file), clock=clock)


@pytest.fixture
def limiter(storage: SqliteMovingWindow) -> MovingWindowRateLimiter:
    return MovingWindowRateLimiter(storage)


def uri_of(file: Path) -> str:
    return file.as_uri().replace("file:", "commentsvc-sqlite:", 1)


def rows(file: Path) -> int:
    connection = sqlite3.connect(file)
    try:
        return int(connection.execute("SELECT count(*) FROM hits").fetchone()[0])
    finally:
        connection.close()


def damage(file: Path) -> None:
    file.write_bytes(b"This is no database. " * 4000)


def post_ten_times_each(storage: SqliteMovingWindow) -> Counter[str]:
    posts = CLIENTS * 10
    limiter = MovingWindowRateLimiter(storage)
    return Counter(client for client in posts if limiter.hit(FIVE_A_MINUTE, client))


def post_from_another_process(uri: str) -> Counter[str]:
    storage = SqliteMovingWindow(uri)
    gate.wait()
    return post_ten_times_each(storage)


def use_gate(barrier: threading.Barrier) -> None:
    global gate
    gate = barrier
    sqlite.BUSY_SECONDS = PATIENT  # a process has what its parent set only where it is forked


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine one of many waits for longer for its turn than a post may."""
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", PATIENT)


def test_five_posts_pass_in_a_minute_and_the_sixth_learns_when_it_may_come(
    limiter: MovingWindowRateLimiter, clock: Clock
) -> None:
    passed = []
    for _ in range(8):
        passed.append(limiter.hit(FIVE_A_MINUTE, "bo"))
        clock.seconds += 1

    reset, remaining = limiter.get_window_stats(FIVE_A_MINUTE, "bo")

    assert passed == [True] * 5 + [False] * 3
    assert (reset, remaining) == (NOON + 60, 0)
    clock.seconds = reset - 0.001
    assert not limiter.hit(FIVE_A_MINUTE, "bo")
    clock.seconds = reset
    assert limiter.hit(FIVE_A_MINUTE, "bo")


def test_the_window_moves_with_the_clock_and_not_with_the_minute(
    limiter: MovingWindowRateLimiter, clock: Clock
) -> None:
    for after, posts, passes in [(0, 2, 2), (30, 6, 3), (59, 6, 0), (60, 6, 2), (89, 6, 0), (90, 6, 3)]:
        clock.seconds = NOON + after
        assert sum(limiter.hit(FIVE_A_MINUTE, "bo") for _ in range(posts)) == passes, f"after {after} s"


def test_refused_posts_do_not_lengthen_the_wait(limiter: MovingWindowRateLimiter, clock: Clock) -> None:
    for _ in range(50):
        limiter.hit(FIVE_A_MINUTE, "bo")
        clock.seconds += 1

    assert limiter.get_window_stats(FIVE_A_MINUTE, "bo").reset_time == NOON + 60


def test_a_key_without_hits_has_all_of_its_limit_from_now_on(limiter: MovingWindowRateLimiter) -> None:
    assert limiter.get_window_stats(FIVE_A_MINUTE, "nobody") == (NOON + 60, 5)
    assert limiter.test(FIVE_A_MINUTE, "nobody")


def test_a_hit_that_costs_more_is_taken_whole_or_not_at_all(limiter: MovingWindowRateLimiter) -> None:
    assert [limiter.hit(FIVE_A_MINUTE, "bo", cost=cost) for cost in (6, 3, 3, 0, 2, 1)] == [
        False,
        True,
        False,
        True,
        True,
        False,
    ]


def test_two_limits_on_the_same_key_are_counted_apart(limiter: MovingWindowRateLimiter, clock: Clock) -> None:
    two_an_hour = parse("2/hour")

    assert [limiter.hit(FIVE_A_MINUTE, "bo") for _ in range(6)].count(True) == 5
    assert [limiter.hit(two_an_hour, "bo") for _ in range(3)].count(True) == 2

    clock.seconds += 60
    assert limiter.hit(FIVE_A_MINUTE, "bo")
    assert not limiter.hit(two_an_hour, "bo")


@pytest.mark.parametrize("key", ["", "a\0b", "\ud800", "ключ", "'; DROP TABLE hits; --", "k" * 100_000])
def test_any_string_is_a_key(storage: SqliteMovingWindow, key: str) -> None:
    assert [storage.acquire_entry(key, 2, 60) for _ in range(3)] == [True, True, False]
    assert storage.get_moving_window(key + "\0", 2, 60)[1] == 0


@pytest.mark.sampled(2)
@pytest.mark.parametrize("start", ["spawn", "fork"])
def test_four_processes_let_exactly_five_posts_of_each_client_pass(file: Path, start: str) -> None:
    context = multiprocessing.get_context(start)
    barrier = context.Barrier(4, timeout=60)  # so that the file, too, is made by four at once

    with ProcessPoolExecutor(4, context, initializer=use_gate, initargs=(barrier,)) as processes:
        passed = sum(processes.map(post_from_another_process, [uri_of(file)] * 4), Counter[str]())

    assert passed == dict.fromkeys(CLIENTS, 5)


def test_a_forked_child_and_its_parent_count_together(file: Path) -> None:
    storage = SqliteMovingWindow(uri_of(file))
    storage.acquire_entry("bo", 5, 60)
    child = multiprocessing.get_context("fork").Process(target=storage.acquire_entry, args=("bo", 5, 60))

    child.start()
    child.join(60)

    assert child.exitcode == 0
    assert storage.acquire_entry("bo", 5, 60)
    assert storage.get_moving_window("bo", 5, 60)[1] == 3


def test_eight_threads_let_exactly_five_posts_of_each_client_pass(file: Path) -> None:
    storage = SqliteMovingWindow(uri_of(file))

    with ThreadPoolExecutor(8) as threads:
        passed = sum(threads.map(post_ten_times_each, [storage] * 8), Counter[str]())

    assert passed == dict.fromkeys(CLIENTS, 5)


def test_what_has_expired_is_swept_in_small_batches_so_that_the_file_is_bounded(
    storage: SqliteMovingWindow, file: Path, clock: Clock
) -> None:
    counts = []
    for number in range(1000):
        storage.acquire_entry(f"attacker {number}", 5, 60)
        clock.seconds += 1
        counts.append(rows(file))
    assert max(counts) == 60

    clock.seconds += 3600
    storage.acquire_entry("bo", 5, 60)
    assert rows(file) == 60 - SWEPT_PER_ROW + 1


def test_clearing_forgets_one_key_and_resetting_all(storage: SqliteMovingWindow) -> None:
    for key in ("bo", "bo", "al", "cy"):
        storage.acquire_entry(key, 5, 60)

    storage.clear("bo")
    assert [storage.get_moving_window(key, 5, 60)[1] for key in ("bo", "al", "cy")] == [0, 1, 1]

    assert storage.reset() == 2
    assert storage.get_moving_window("al", 5, 60)[1] == 0


def test_the_files_can_be_read_by_their_owner_only(storage: SqliteMovingWindow, file: Path) -> None:
    storage.acquire_entry("bo", 5, 60)

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in file.parent.iterdir()}

    assert modes == dict.fromkeys(["limits.db", "limits.db-wal", "limits.db-shm"], 0o600)


def test_making_the_file_for_the_first_time_warns_nobody(
    storage: SqliteMovingWindow, caplog: pytest.LogCaptureFixture
) -> None:
    storage.acquire_entry("bo", 5, 60)

    assert not caplog.records


@pytest.mark.parametrize("lose", [Path.unlink, lambda file: file.write_bytes(b"")])
def test_a_lost_file_is_made_anew_by_the_next_who_opens_it(
    storage: SqliteMovingWindow, file: Path, clock: Clock, lose: Callable[[Path], None]
) -> None:
    for _ in range(5):
        storage.acquire_entry("bo", 5, 60)

    lose(file)
    newcomer = SqliteMovingWindow(uri_of(file), clock=clock)
    passed = [newcomer.acquire_entry("bo", 5, 60) for _ in range(6)]

    assert passed == [True] * 5 + [False]
    assert SqliteMovingWindow(uri_of(file), clock=clock).get_moving_window("bo", 5, 60) == (NOON, 5)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_damaged_file_is_put_aside_with_a_warning(
    file: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    damage(file)

    passed = [SqliteMovingWindow(uri_of(file), clock=clock).acquire_entry("bo", 5, 60) for _ in range(6)]

    assert passed == [True] * 5 + [False]
    assert file.with_name("limits.db.damaged").exists()
    assert [(record.name, record.levelno) for record in caplog.records] == [
        ("commentsvc.limits", logging.WARNING)
    ]


@pytest.mark.soak
def test_pages_overwritten_under_an_open_connection_raise_nothing(
    storage: SqliteMovingWindow, file: Path, clock: Clock
) -> None:
    for number in range(3000):  # enough for the log to be written back into the file
        storage.acquire_entry(f"client {number}", 5, 60)
    size = file.stat().st_size
    assert size > 50_000

    with file.open("r+b") as pages:
        pages.seek(4096)
        pages.write(b"\xa5" * (size - 4096))
    newcomer = SqliteMovingWindow(uri_of(file), clock=clock)

    for number in range(3000):
        newcomer.acquire_entry(f"client {number}", 5, 60)
        storage.acquire_entry(f"client {number}", 5, 60)


def test_a_file_deleted_again_and_again_under_many_threads_raises_nothing(file: Path) -> None:
    storage = SqliteMovingWindow(uri_of(file))
    done = threading.Event()

    def post() -> int:
        posts = 0
        while not done.is_set():
            storage.acquire_entry("bo", 5, 60)
            posts += 1
        return posts

    with ThreadPoolExecutor(4) as threads:
        posting = [threads.submit(post) for _ in range(4)]
        try:
            for _ in range(20):
                done.wait(0.02)
                file.unlink(missing_ok=True)
        finally:
            done.set()

    assert all(thread.result() > 0 for thread in posting)
    storage.reset()
    assert [storage.acquire_entry("bo", 5, 60) for _ in range(6)] == [True] * 5 + [False]


def test_a_clock_that_steps_back_far_locks_nobody_out(limiter: MovingWindowRateLimiter, clock: Clock) -> None:
    for _ in range(5):
        limiter.hit(FIVE_A_MINUTE, "bo")

    clock.seconds -= 3600
    assert limiter.get_window_stats(FIVE_A_MINUTE, "bo").remaining == 5
    assert limiter.hit(FIVE_A_MINUTE, "bo")

    clock.seconds += 3600  # what was forgotten does not come back
    assert limiter.get_window_stats(FIVE_A_MINUTE, "bo").remaining == 5


def test_a_clock_that_steps_back_a_little_forgives_nothing(
    limiter: MovingWindowRateLimiter, clock: Clock
) -> None:
    for _ in range(5):
        limiter.hit(FIVE_A_MINUTE, "bo")

    clock.seconds -= 30

    assert not limiter.hit(FIVE_A_MINUTE, "bo")
    assert limiter.get_window_stats(FIVE_A_MINUTE, "bo") == (NOON + 60, 0)


def test_flask_limiter_refuses_the_sixth_post_with_a_true_reset(file: Path, clock: Clock) -> None:
    app = Flask("tiny")
    limiter = Limiter(
        lambda: "bo",
        app=app,
        strategy="moving-window",
        storage_uri=uri_of(file),
        storage_options={"clock": clock},  # type: ignore[dict-item]  # it names what its own storages take
    )

    @app.post("/comments")
    @limiter.limit("5/minute")
    def post() -> str:
        return "posted"

    @app.errorhandler(429)
    def refuse(error: Exception) -> tuple[str, int]:
        assert limiter.current_limit
        return str(limiter.current_limit.reset_at), 429

    reader = app.test_client()
    answers = [reader.post("/comments") for _ in range(6)]

    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert answers[5].text == str(int(NOON + 60) + 1)  # Flask-Limiter rounds up to the next second
    clock.seconds = int(answers[5].text)
    assert reader.post("/comments").status_code == 200


def test_another_strategy_is_refused_clearly(storage: SqliteMovingWindow) -> None:
    with pytest.raises(NotImplementedError, match="strategy='moving-window'"):
        FixedWindowRateLimiter(storage).hit(FIVE_A_MINUTE, "bo")


@pytest.mark.parametrize(
    "rest", ["", "limits.db", "//", "///", "//host/limits.db", "///a.db?mode=ro", "///a.db#b"]
)
def test_an_address_without_an_absolute_path_is_refused(rest: str) -> None:
    with pytest.raises(ConfigurationError, match="absolute/path"):
        storage_from_string(f"commentsvc-sqlite:{rest}")


def test_a_path_may_hold_spaces_and_percent_signs(tmp_path: Path) -> None:
    file = tmp_path / "50% of #1?" / "limits.db"
    file.parent.mkdir()

    assert SqliteMovingWindow(uri_of(file)).acquire_entry("bo", 5, 60)
    assert file.exists()


def test_a_missing_folder_is_the_operators_error(tmp_path: Path) -> None:
    uri = uri_of(tmp_path / "nowhere" / "limits.db")

    assert not SqliteMovingWindow(uri).check()
    with pytest.raises(FileNotFoundError):
        SqliteMovingWindow(uri).acquire_entry("bo", 5, 60)
    with pytest.raises(StorageError):
        SqliteMovingWindow(uri, wrap_exceptions=True).acquire_entry("bo", 5, 60)


def test_a_database_that_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "comments.db"
    connection = sqlite3.connect(file)
    connection.execute("CREATE TABLE comments (text)")
    connection.close()
    before = file.read_bytes()

    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        SqliteMovingWindow(uri_of(file)).acquire_entry("bo", 5, 60)

    assert file.read_bytes() == before
