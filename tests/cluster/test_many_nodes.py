"""Three nodes, PostgreSQL with a streaming replica, Redis and nginx, all of them real."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from random import Random
from types import SimpleNamespace

import httpx
import psycopg
import pytest

from deploy.cluster.databases import DATABASE
from deploy.cluster.nodes import Cluster, cluster, is_ready
from deploy.cluster.processes import OWNER
from tests.faults.test_database_hangs import frozen
from tests.people import Moderator, Reader
from tests.running_service import EASY

# Nodes that share a database are tried with fewer processes in `running/test_serve_on_postgresql.py`.
pytestmark = [pytest.mark.slow, pytest.mark.soak, pytest.mark.postgresql]

PUBLIC = {"approve": True, "hold": False, "spam": False, "trash": False}
WORKERS = 4
COMMENTS = 5  # of each worker, in the threads of all


@pytest.fixture(scope="module")
def running() -> Iterator[Cluster]:
    with cluster(**EASY) as started:
        yield started


def http(url: str) -> httpx.Client:
    return httpx.Client(base_url=url, timeout=30)


def token_of(running: Cluster) -> str:
    return running.nodes[0].run("token", "create", "--scope", "moderate").split()[-1]


@contextmanager
def migrated(running: Cluster) -> Iterator[None]:
    """The schema of a next version, which adds to this one's; what runs does not know it."""
    folder = str(running.folder / "primary")
    with psycopg.connect(host=folder, user=OWNER, dbname=DATABASE, autocommit=True) as admin:
        (version,) = admin.execute("SELECT version_num FROM alembic_version").fetchone() or ("",)
        admin.execute("ALTER TABLE comment ADD COLUMN of_tomorrow text")
        admin.execute("UPDATE alembic_version SET version_num = '9999'")
        yield
        admin.execute("UPDATE alembic_version SET version_num = %s", [version])


class Worker:
    """Decides on comments of its own, and looks at every node what is public of them after each answer."""

    def __init__(self, running: Cluster, token: str, number: int) -> None:
        self._chance = Random(number)
        urls = [node.url for node in running.nodes]
        self._moderators = [Moderator(http(url), token) for url in urls]
        self._readers = [Reader(http(url)) for url in [*urls, running.url]]
        self._comments = {
            self._readers[n % 3].comment(article, f"Of worker {number}, {n}."): article
            for n in range(COMMENTS)
            for article in [f"article {n % 2}"]
        }

    def decide(self, times: int) -> list[str]:
        """Give what was seen that should not have been."""
        wrong = []
        for step in range(times):
            comment = self._chance.choice(list(self._comments))
            action, node = self._chance.choice(list(PUBLIC)), self._chance.randrange(3)
            self._moderators[node].decide(action, comment)
            for place, reader in enumerate(self._readers):
                if self._is_public(reader, comment) != {PUBLIC[action]}:
                    wrong.append(f"step {step}: {action} of {comment} at {node}, not so at {place}")
        return wrong

    def _is_public(self, reader: Reader, comment: str) -> set[bool]:
        """By the thread, by the fragment and by itself."""
        article = self._comments[comment]
        thread = reader.thread(article, limit=200)
        fragment = reader.get("/thread/fragment", article=article).text
        return {
            any(one["id"] == comment and not one["removed"] for one in thread["comments"]),
            f'"comment-{comment}"' in fragment,
            reader.get(f"/api/v1/comments/{comment}").status_code == 200,
        }


@pytest.mark.parametrize("decisions", [20, 1000])
def test_a_decision_that_was_acknowledged_is_seen_at_every_node(running: Cluster, decisions: int) -> None:
    """Each worker's history is serial; the others move the same threads' versions meanwhile."""
    token = token_of(running)
    workers = [Worker(running, token, number) for number in range(WORKERS)]

    with ThreadPoolExecutor(WORKERS) as pool:
        wrong = list(pool.map(lambda worker: worker.decide(decisions // WORKERS), workers))

    assert wrong == [[]] * WORKERS


def test_ones_own_post_is_seen_at_once_at_every_node(running: Cluster) -> None:
    readers = [Reader(http(node.url)) for node in running.nodes]

    for number in range(9):
        readers[number % 3].comment("own", f"Number {number}.")

        assert [reader.thread("own")["count"] for reader in readers] == [number + 1] * 3


@pytest.mark.soak
def test_a_replica_that_hangs_fails_no_read() -> None:
    """Its processes are stopped, as those of a machine whose disk does not answer: the primary has all of it."""
    # Who waits 20 s, as elsewhere in tests, keeps the others from their places.
    usual = EASY | {"DATABASE_TIMEOUT": "2", "CACHE_BYTES": "0"}
    with cluster(**usual) as started, http(started.nodes[0].url) as client:
        Reader(client).comment("a", "First.")

        def read(number: int) -> tuple[int, int]:
            answer = client.get(f"/api/v1/thread?article=a&limit={number}")
            return answer.status_code, answer.json()["count"]

        with ThreadPoolExecutor(8) as pool:
            before = set(pool.map(read, range(1, 41)))
            with frozen(SimpleNamespace(folder=started.folder / "replica")):
                stopped = set(pool.map(read, range(1, 41)))
                Reader(client).comment("a", "Second.")
        log = (started.nodes[0].folder / "log").read_text()

        assert (before, stopped) == ({(200, 1)}, {(200, 1)})
        assert read(1) == (200, 2)
        assert (log.count('"replica hangs"'), log.count('"database hangs"')) == (1, 0)
        assert "the replica cannot be read" in log


@pytest.mark.soak
def test_nodes_are_upgraded_one_after_the_other_without_a_failed_request(running: Cluster) -> None:
    """First the schema goes ahead of all nodes, which stay ready; then each is restarted."""
    ended = threading.Event()
    answers: Counter[str] = Counter()

    def read() -> None:
        with http(running.url) as client:
            while not ended.is_set():
                answers[f"read {client.get('/api/v1/thread?article=busy').status_code}"] += 1

    def post() -> None:
        reader, number = Reader(http(running.url)), 0
        while not ended.is_set():
            number += 1
            answers[f"post {reader.post('busy', f'{threading.get_ident()}: {number}').status_code}"] += 1

    with ThreadPoolExecutor(4) as pool:
        at_work = [pool.submit(read), pool.submit(read), pool.submit(post), pool.submit(post)]
        try:
            with migrated(running):
                assert [is_ready(node.url) for node in running.nodes] == [True] * 3
                seen = answers["post 201"]
                while answers["post 201"] < seen + 5 and not any(one.done() for one in at_work):
                    time.sleep(0.05)
            for node in running.nodes:
                node.restart()
        finally:
            ended.set()
        for one in at_work:
            one.result()

    # A post whose answer was lost with its node is sent again, which makes no second comment: 200.
    assert set(answers) <= {"read 200", "post 201", "post 200"}
    assert Reader(http(running.url)).thread("busy")["count"] == answers["post 201"] + answers["post 200"]


@pytest.mark.soak
def test_a_micro_cache_asks_once_for_many_and_goes_on_where_no_node_answers() -> None:
    easy = EASY | {"SHARED_MAX_AGE": "1", "STALE_SECONDS": "600"}
    with cluster(with_redis=False, **easy) as started, http(started.url) as client:
        Reader(http(started.nodes[0].url)).comment("front", "First.")
        path = "/api/v1/thread?article=front"
        first = client.get(path).text

        with ThreadPoolExecutor(8) as pool:
            texts = set(pool.map(lambda _: client.get(path).text, range(200)))
        log = started.folder / "nginx" / "comments.log"
        lines = [line.split()[-1] for line in log.read_text().splitlines() if "/api/v1/thread" in line]
        for node in started.nodes:
            node.stop()
        time.sleep(1.1)  # longer than SHARED_MAX_AGE, which no clock of ours can move at nginx
        without_nodes = client.get(path)

    assert texts == {first}
    assert lines.count("MISS") == 1
    assert lines.count("HIT") + lines.count("STALE") + lines.count("UPDATING") >= 199
    assert (without_nodes.status_code, without_nodes.text) == (200, first)
