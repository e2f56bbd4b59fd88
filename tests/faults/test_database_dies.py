"""The database dies in the middle of what is done: whoever asked is told to come again, and nothing acknowledged is lost."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.postgresql import SERVICE, Cluster, running_cluster
from tests.running_service import Live, serving

pytestmark = [pytest.mark.slow, pytest.mark.postgresql]
CLIENTS = 12
TIMES = 3  # it dies while they go on


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """One of these tests' own, since it dies."""
    with running_cluster() as cluster:
        yield cluster


def restart(cluster: Cluster) -> None:
    cluster.server.restart()


def cut_all_off(cluster: Cluster) -> None:
    with cluster.server.connected() as admin:
        admin.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{SERVICE}'")


def take_nobody_for_a_moment(cluster: Cluster) -> None:
    with cluster.server.connected() as admin:
        admin.execute(f"ALTER ROLE {SERVICE} CONNECTION LIMIT 1")
        cut_all_off(cluster)
        admin.execute("SELECT pg_sleep(0.3)")
        admin.execute(f"ALTER ROLE {SERVICE} CONNECTION LIMIT -1")


class Load:
    """Clients that read and post until they are told to end, and what was answered to them."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self._ended = threading.Event()
        self.answers: list[httpx.Response] = []
        self.acknowledged: list[dict[str, Any]] = []

    def client(self, number: int) -> None:
        reader = self._live.reader()
        for count in range(10_000):
            if self._ended.is_set():
                return
            article = f"article {number % 3}"
            read = [
                reader.get("/api/v1/thread", article=f"{article} {count % 5}"),
                reader.get("/thread", article=article),
            ]
            form = reader.get("/api/v1/form", article=article)
            self.answers += [*read, form]
            if form.status_code != 200:
                continue
            fields = {"name": "Ada Sample", "email": "ada@paper.example", "text": f"{number}-{count}"}
            submission = {"article": article, "token": form.json()["token"]} | fields
            posted = reader.send(submission)
            self.answers.append(posted)
            if posted.status_code == 201:
                self.acknowledged.append(submission)

    @contextmanager
    def going_on(self) -> Iterator[None]:
        with ThreadPoolExecutor(CLIENTS) as pool:
            clients = [pool.submit(self.client, number) for number in range(CLIENTS)]
            try:
                yield
            finally:
                self._ended.set()
            for client in clients:
                client.result()

    def wait_for(self, more: int) -> None:
        """Wait until that many more posts were acknowledged."""
        enough = len(self.acknowledged) + more
        while len(self.acknowledged) < enough:
            assert not self._ended.wait(0.02)


@pytest.mark.soak
@pytest.mark.sampled(1)
@pytest.mark.parametrize("die", [restart, cut_all_off])
def test_what_is_removed_after_it_is_back_is_shown_to_nobody(
    cluster: Cluster, tmp_path: Path, die: Callable[[Cluster], None]
) -> None:
    """A connection that was lost meanwhile does not mean that the database is out."""
    name = f"removed_{die.__name__}"
    with cluster.server.connected() as admin:
        admin.execute(f"CREATE DATABASE {name} OWNER {SERVICE}")
    with serving(tmp_path / "data", DATABASE_URL=cluster.url(name)) as live:
        comment = live.reader().comment("a", "Libellous.")
        moderator = live.moderator()
        with ThreadPoolExecutor(CLIENTS) as crowd:  # so that as many connections are open as may be
            list(crowd.map(lambda _: live.reader().thread("a"), range(50)))

        die(cluster)
        moderator.decide("trash", comment)

        assert [live.reader().thread("a")["count"] for _ in range(20)] == [0] * 20


@pytest.mark.soak
def test_a_worker_that_takes_the_place_of_another_waits_for_it(cluster: Cluster, tmp_path: Path) -> None:
    """It ended at once, and with it all of the server, whose other workers could have gone on."""
    with cluster.server.connected() as admin:
        admin.execute(f"CREATE DATABASE respawned OWNER {SERVICE}")
    where = {"DATABASE_URL": cluster.url("respawned"), "DATABASE_TIMEOUT": "1"}
    with serving(tmp_path / "data", "--workers", "2", **where) as live:
        live.reader().comment("a", "First.")
        children = Path(f"/proc/{live.process.pid}/task/{live.process.pid}/children").read_text().split()
        cluster.server.stop()

        os.kill(int(children[-1]), signal.SIGKILL)
        time.sleep(8)  # in 5.5 s a worker ended, and the server is sure to have seen it

        assert live.process.poll() is None
        cluster.server.restart()
        until = time.monotonic() + 30
        while live.reader().post("a", "Second.").status_code != 201:
            assert time.monotonic() < until
            time.sleep(0.2)
        assert '"a worker waits for the database"' in live.log.read_text()


@pytest.mark.soak
@pytest.mark.sampled(3)
@pytest.mark.parametrize("die", [restart, cut_all_off, take_nobody_for_a_moment])
def test_whoever_asked_is_told_to_come_again(
    cluster: Cluster, tmp_path: Path, die: Callable[[Cluster], None]
) -> None:
    with cluster.server.connected() as admin:
        admin.execute(f"CREATE DATABASE {die.__name__} OWNER {SERVICE}")
    with serving(tmp_path / "data", DATABASE_URL=cluster.url(die.__name__), CACHE_BYTES="0") as live:
        load = Load(live)
        with load.going_on():
            for _ in range(TIMES):
                load.wait_for(30)
                die(cluster)
            load.wait_for(30)

        assert {answer.status_code for answer in load.answers} <= {200, 201, 503}, Counter(
            (answer.status_code, answer.text[:80])
            for answer in load.answers
            if answer.status_code not in {200, 201}
        )
        refused = [answer for answer in load.answers if answer.status_code == 503]
        assert refused or die is not restart
        assert all(answer.headers["Retry-After"].isdecimal() and answer.text for answer in refused)
        assert "nothing" not in " ".join(answer.text for answer in refused).lower()
        reader = live.reader()
        assert {reader.send(submission).status_code for submission in load.acknowledged} == {200}
