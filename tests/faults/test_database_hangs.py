"""A database that hangs: kept answers go on for a while, what needs none answers at once, and the rest is told to come again."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from queue import SimpleQueue

import httpx
import psycopg
import pytest

from tests.postgresql import SERVICE, Cluster, running_cluster
from tests.running_service import Live, serving

pytestmark = pytest.mark.slow
CROWD = 24
PATIENCE_SECONDS = 30  # of the test for what the service does by itself


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """One of these tests' own, since it is stopped."""
    with running_cluster() as cluster:
        yield cluster


@contextmanager
def frozen(cluster: Cluster) -> Iterator[None]:
    """Stop all processes of the server, as those of a machine whose disk does not answer."""
    processes = processes_of(cluster)
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)


def processes_of(cluster: Cluster) -> list[int]:
    """The server and its children, the server first: it starts no others once it is stopped."""
    server = int((cluster.folder / "data" / "postmaster.pid").read_text().split()[0])
    children = (Path("/proc") / str(server) / "task" / str(server) / "children").read_text().split()
    return [server, *map(int, children)]


def until(holds: Callable[[], bool]) -> None:
    """Wait until it *holds*."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


@contextmanager
def service_on(cluster: Cluster, folder: Path, **settings: str) -> Iterator[Live]:
    name = f"test_{folder.name}"[:60]
    with cluster.server.connected() as admin:
        admin.execute(f'CREATE DATABASE "{name}" OWNER {SERVICE}')
    settings = {"DATABASE_TIMEOUT": "2"} | settings
    with serving(folder / "data", DATABASE_URL=cluster.url(name), JOBS="worker", **settings) as live:
        yield live


@pytest.mark.soak
@pytest.mark.postgresql
def test_what_is_kept_goes_on_and_the_rest_comes_again(cluster: Cluster, tmp_path: Path) -> None:
    with service_on(cluster, tmp_path) as live:
        reader = live.reader()
        reader.comment("a", "First.")
        submission = reader.submission("a", "Second.")
        fresh = reader.get("/api/v1/thread", article="a")
        assert (fresh.status_code, fresh.headers.get("Age")) == (200, None)

        with frozen(cluster):
            with ThreadPoolExecutor(CROWD) as crowd:
                kept = list(
                    crowd.map(lambda _: live.reader().get("/api/v1/thread", article="a"), range(CROWD))
                )
            assert {answer.status_code for answer in kept} == {200}
            assert {answer.content for answer in kept} == {fresh.content}
            assert all(0 < int(answer.headers["Age"]) <= 60 for answer in kept)
            assert reader.get("/healthz").status_code == reader.get("/embed.js").status_code == 200
            others = [
                reader.send(submission),
                reader.get("/thread", article="a"),
                reader.get("/api/v1/thread", article="b"),
                reader.get("/api/v1/form", article="a"),
                reader.get("/readyz"),
            ]
            assert {answer.status_code for answer in others} == {503}
            assert all(answer.headers["Retry-After"].isdecimal() for answer in others)

        until(lambda: reader.get("/readyz").status_code == 200)
        assert reader.send(submission).status_code in {200, 201}
        again = reader.get("/api/v1/thread", article="a")
        assert (again.json()["count"], again.headers.get("Age")) == (2, None)
        log = live.log.read_text()
        assert log.count('"database hangs"') == log.count('"database answers again"') == 1


@pytest.mark.soak
@pytest.mark.postgresql
def test_with_stale_seconds_0_nothing_goes_on(cluster: Cluster, tmp_path: Path) -> None:
    with service_on(cluster, tmp_path, STALE_SECONDS="0") as live:
        reader = live.reader()
        assert reader.get("/api/v1/thread", article="a").status_code == 200

        with frozen(cluster):
            assert reader.get("/api/v1/thread", article="a").status_code == 503


@pytest.mark.alone
@pytest.mark.soak  # a bound on time
@pytest.mark.postgresql
def test_nobody_waits_for_long(cluster: Cluster, tmp_path: Path) -> None:
    with service_on(cluster, tmp_path, DATABASE_TIMEOUT="2") as live:
        reader = live.reader()
        reader.comment("a", "First.")
        reader.get("/api/v1/thread", article="a")

        clients = SimpleQueue[httpx.Client]()  # to make one takes long
        for _ in range(CROWD):
            clients.put(live.reader().http)

        def asked(path: str) -> tuple[int, float]:
            client = clients.get()
            began = time.monotonic()
            answer = client.get(path)
            clients.put(client)
            return answer.status_code, time.monotonic() - began

        with frozen(cluster), ThreadPoolExecutor(CROWD) as crowd:
            first = list(crowd.map(asked, [f"/api/v1/thread?article=n{n}" for n in range(CROWD)]))
            later = [
                asked(path) for path in ("/api/v1/thread?article=x", "/api/v1/thread?article=a", "/healthz")
            ]

        assert {status for status, _ in first} == {503}
        assert max(seconds for _, seconds in first) < 2.5
        assert [status for status, _ in later] == [503, 200, 200]
        assert max(seconds for _, seconds in later) < 0.5


@pytest.mark.soak
@pytest.mark.postgresql
def test_a_statement_that_takes_too_long_ends_and_the_database_is_asked_on(
    cluster: Cluster, tmp_path: Path
) -> None:
    """A row that somebody locks holds who needs it, and nobody else."""
    with service_on(cluster, tmp_path, DATABASE_TIMEOUT="1") as live:
        reader = live.reader()
        reader.comment("a", "First.")
        submission = reader.submission("a", "Second.")
        with psycopg.connect(
            host=str(cluster.folder), user="postgres", dbname=f"test_{tmp_path.name}"[:60]
        ) as other:
            other.execute("SELECT * FROM thread FOR UPDATE")

            refused = reader.send(submission)

            assert (refused.status_code, refused.headers["Retry-After"].isdecimal()) == (503, True)
            assert reader.get("/api/v1/thread", article="b").status_code == 200
        assert reader.send(submission).status_code == 201
        assert '"database hangs"' not in live.log.read_text()


@pytest.mark.soak
def test_a_foreign_lock_on_sqlite_holds_writers_alone(tmp_path: Path) -> None:
    with serving(tmp_path / "data", DATABASE_TIMEOUT="1", JOBS="worker", CACHE_BYTES="0") as live:
        submissions = [live.reader().submission("a", f"Number {n}.") for n in range(CROWD)]
        with closing(sqlite3.connect(tmp_path / "data" / "comments.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with ThreadPoolExecutor(CROWD) as crowd:
                writers = [crowd.submit(live.reader().send, one) for one in submissions]
                reads = [live.reader().get("/api/v1/thread", article=f"r{n}").status_code for n in range(8)]
                posted = [writer.result() for writer in writers]
            other.execute("ROLLBACK")

        assert set(reads) == {200}
        assert {answer.status_code for answer in posted} == {503}
        assert all(answer.headers["Retry-After"].isdecimal() for answer in posted)
        assert {live.reader().send(one).status_code for one in submissions} == {201}
