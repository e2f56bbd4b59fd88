"""A database that hangs: kept answers go on for a while, what needs none answers at once, and the rest is told to come again."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Thread

import httpx
import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from commentsvc.storage import schema, waiting
from tests.postgresql import SERVICE, Cluster, running_cluster
from tests.running_service import Live, free_port, open_in_process, serving
from tests.running_service import started as begin

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
def test_the_figures_say_that_it_is_out(cluster: Cluster, tmp_path: Path) -> None:
    """The alert is made from them; they came too late, or not at all."""
    port = free_port()
    with service_on(cluster, tmp_path, METRICS_PORT=str(port), METRICS_TOKEN="t" * 32) as live:
        live.reader().comment("a", "First.")
        own = f"http://127.0.0.1:{port}/metrics"
        bearer = {"Authorization": "Bearer " + "t" * 32}
        assert "commentsvc_database_up 1" in httpx.get(own, timeout=10).text

        with frozen(cluster):
            for _ in range(2):  # the first one finds it out
                for answer in (
                    httpx.get(own, timeout=10),
                    httpx.get(live.base_url + "/metrics", headers=bearer, timeout=10),
                ):
                    assert (answer.status_code, "commentsvc_database_up 0" in answer.text) == (200, True)


@pytest.mark.soak
@pytest.mark.postgresql
def test_a_worker_for_jobs_ends_all_the_same(cluster: Cluster, tmp_path: Path) -> None:
    with service_on(cluster, tmp_path) as live:
        with (tmp_path / "worker.log").open("wb") as log:
            worker = begin(["worker"], live.environ, log)
        time.sleep(3)  # until it works

        with frozen(cluster):
            time.sleep(3)  # until it waits for an answer
            worker.send_signal(signal.SIGTERM)
            worker.wait(20)


@pytest.mark.soak
@pytest.mark.postgresql
def test_jobs_go_on_where_a_server_is_gone_without_a_word(cluster: Cluster, tmp_path: Path) -> None:
    """As after a fail-over: what was connected hears nothing any more, and the address leads to another server."""
    name = f"test_{tmp_path.name}"[:60]
    with cluster.server.connected() as admin:
        admin.execute(f'CREATE DATABASE "{name}" OWNER {SERVICE}')
    with (
        failing_over(cluster.folder / ".s.PGSQL.5432") as (port, fail_over),
        serving(
            tmp_path / "data",
            DATABASE_URL=f"postgresql+psycopg://{SERVICE}@127.0.0.1:{port}/{name}",
            DATABASE_TIMEOUT="2",
        ) as live,
        psycopg.connect(host=str(cluster.folder), user="postgres", dbname=name, autocommit=True) as other,
    ):
        live.reader().comment("a", "First.")

        def are_told() -> bool:
            return other.execute("SELECT count(*) FROM event").fetchone() == (0,)

        until(are_told)
        time.sleep(2)  # until nothing is under way: who waits in a statement does so for minutes
        fail_over()
        until(lambda: live.reader().get("/api/v1/form", article="a").status_code == 200)
        until(lambda: live.reader().get("/readyz").status_code == 200)

        assert live.reader().post("a", "Second.").status_code == 201
        until(are_told)


@pytest.mark.soak
@pytest.mark.postgresql
def test_work_behind_the_requests_waits_for_no_statement_without_an_end(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"test_{tmp_path.name}"[:60]
    with cluster.server.connected() as admin:
        admin.execute(f'CREATE DATABASE "{name}" OWNER {SERVICE}')
    monkeypatch.setattr(waiting, "BEHIND_SECONDS", 1.0)
    with failing_over(cluster.folder / ".s.PGSQL.5432") as (port, fail_over):
        url = f"postgresql+psycopg://{SERVICE}@127.0.0.1:{port}/{name}"
        service = open_in_process(tmp_path / "data", DATABASE_URL=url)
        schema.prepare(service.ours.database, service.ours.settings)

        def work() -> None:
            service.ours.database.stand_behind()
            with service.ours.reading() as unit:
                unit.counts.by_state(None)
                fail_over()
                unit.counts.by_state(None)

        with ThreadPoolExecutor(1) as pool, pytest.raises(DBAPIError):
            pool.submit(work).result(PATIENCE_SECONDS)
        service.close()


@contextmanager
def failing_over(socket_file: Path) -> Iterator[tuple[int, Callable[[], None]]]:
    """A port that leads to a server, and what makes it swallow all that comes by the connections there are."""
    generation = 0
    listener = socket.create_server(("127.0.0.1", 0))

    def pump(source: socket.socket, target: socket.socket, born: int) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if born == generation:
                    target.sendall(data)
            if born == generation:
                target.shutdown(socket.SHUT_WR)

    def accept() -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(str(socket_file))
                for source, target in ((client, server), (server, client)):
                    Thread(target=pump, args=(source, target, generation), daemon=True).start()

    def fail_over() -> None:
        nonlocal generation
        generation += 1

    Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1], fail_over
    finally:
        listener.close()


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
