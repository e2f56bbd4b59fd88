"""Streams of events by the real server: who is told what, when, and at what cost to others."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse, RemoteDisconnected
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from commentsvc.intake.articles import LONGEST
from commentsvc.metrics import Metrics
from commentsvc.model import ThreadState, WatchedThread
from commentsvc.serving import handover
from commentsvc.serving.fair_semaphore import Caller
from commentsvc.serving.handover import Listening
from commentsvc.serving.streams import BLOCK, LAST, LENGTH, TRIES, Streams, event, filled, framed
from tests.conftest import MakeService
from tests.running_service import Live, serving, wait_until

PATH = "/api/v1/thread/events"
TIMES_CLOSED = 3


@dataclass
class Listener:
    """A reader whose connection became a stream."""

    connection: HTTPConnection
    answer: HTTPResponse
    lines: list[str] = field(default_factory=list)

    def event(self) -> dict[str, Any]:
        """The next event: its fields, `data` decoded."""
        fields: dict[str, Any] = {}
        until = time.monotonic() + 30
        while line := self.answer.readline().decode():
            assert time.monotonic() < until, "nothing but pings"
            if line == "\n" and "event" in fields:
                return fields | {"data": json.loads(fields["data"])}
            name, _, value = line.rstrip("\n").partition(":")
            if name:
                fields[name] = value.strip()
        raise EOFError

    def ends(self) -> bool:
        while self.answer.readline():
            pass
        return True

    def close(self) -> None:
        self.answer.close()
        self.connection.close()


def address(live: Live) -> tuple[str, int]:
    return "127.0.0.1", int(live.base_url.rpartition(":")[2])


def listen(
    live: Live, article: str, since: str | None = None, source: str = "127.0.0.1", **query: str
) -> Listener:
    """Open a stream; all of 127.0.0.0/8 is this machine, so *source* makes it another client's.

    One that is closed before its answer is opened again, as a browser does.
    """
    headers = {} if since is None else {"Last-Event-ID": since}
    for _ in range(TIMES_CLOSED):
        connection = HTTPConnection(*address(live), timeout=60, source_address=(source, 0))
        connection.request("GET", f"{PATH}?{urlencode({'article': article, **query})}", headers=headers)
        with suppress(ConnectionResetError, RemoteDisconnected):
            return Listener(connection, connection.getresponse())
        connection.close()
    raise AssertionError("no stream stays open")


def streams(live: Live) -> int:
    """How many are open, as the metrics say."""
    text = live.http().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    return int(next(line for line in text.splitlines() if line.startswith("commentsvc_streams ")).split()[1])


TOKEN = "a-token-for-metrics-of-43-characters-000000"


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def live(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with ExitStack() as used:
        where = {}
        if request.param == "postgresql":
            where = used.enter_context(request.getfixturevalue("postgresql").database())
        folder = tmp_path_factory.mktemp("events")
        settings = {"METRICS_TOKEN": TOKEN, "EVENTS_PER_CLIENT": "40", "EVENTS_LIMIT": "60"}
        yield used.enter_context(serving(folder / "data", **settings, **where))


@pytest.mark.slow_on_postgresql
def test_who_listens_is_told_of_a_new_comment_an_edit_and_a_removal(live: Live) -> None:
    reader = live.reader()
    with closing(listen(live, "told")) as listener:
        headers = listener.answer.headers
        posted = reader.posted("told")
        first = listener.event()
        comment, key = posted["comment"]["id"], posted["edit_key"]
        reader.edit(comment, key, "Another text.")
        second = listener.event()
        reader.delete(comment, key)
        third = listener.event()

    assert headers["Content-Type"] == "text/event-stream"
    assert headers["Cache-Control"] == "no-store, no-transform"
    assert (headers["X-Accel-Buffering"], headers["Access-Control-Allow-Origin"]) == ("no", "*")
    told = [one["data"] for one in (first, second, third)]
    assert [one["count"] for one in told] == [1, 1, 0]
    assert len({one["version"] for one in told}) == 3
    for one in (first, second, third):
        assert (one["event"], one["id"]) == ("changed", str(one["data"]["version"]))
        assert one["data"].keys() == {"site", "article", "version", "count"}


@pytest.mark.slow_on_postgresql
def test_who_comes_back_is_told_at_once_of_what_was_missed_and_of_nothing_else(live: Live) -> None:
    reader = live.reader()
    reader.posted("missed")
    with closing(listen(live, "missed", since="7")) as behind:
        newest = behind.event()
    with (
        closing(listen(live, "missed", since=newest["id"])) as current,
        closing(listen(live, "missed")) as new,
    ):
        reader.posted("missed", "One more.")

        assert current.event()["data"]["count"] == new.event()["data"]["count"] == 2
    assert newest["data"]["count"] == 1


@pytest.mark.soak
@pytest.mark.slow_on_postgresql
def test_many_that_open_at_once_beside_others_are_each_told_of_their_own_thread(live: Live) -> None:
    """Connections are told from each other by what becomes of them, so here is as much as can be mistaken."""
    reader = live.reader()
    with ExitStack() as opened, ThreadPoolExecutor(12) as pool:
        others = [opened.enter_context(live.http()) for _ in range(20)]
        for other in others:
            other.get("/healthz")
        stop = Event()
        opened.callback(stop.set)  # also where a stream cannot be opened

        def go_on(other: httpx.Client) -> None:
            while not stop.is_set():
                assert other.get("/api/v1/counts", params={"article": "mine-1"}).status_code == 200

        busy = [pool.submit(go_on, other) for other in others[:3]]
        listeners = list(
            pool.map(lambda n: opened.enter_context(closing(listen(live, f"mine-{n}"))), range(24))
        )
        stop.set()
        for one in busy:
            one.result()
        for n in range(24):
            reader.posted(f"mine-{n}")

        assert [one.event()["data"]["article"] for one in listeners] == [f"mine-{n}" for n in range(24)]
        assert all(other.get("/healthz").status_code == 200 for other in others)


@pytest.mark.slow_on_postgresql
def test_a_client_has_so_many_streams_and_all_together_a_few_more(live: Live) -> None:
    wait_until(lambda: streams(live) == 0)
    with ExitStack() as opened:
        for _ in range(40):
            opened.enter_context(closing(listen(live, "full")))
        beyond = [listen(live, "full"), listen(live, "full", source="127.0.0.2")]
        for _ in range(19):
            opened.enter_context(closing(listen(live, "full", source="127.0.0.2")))
        beyond.append(listen(live, "full", source="127.0.0.3"))

        assert [one.answer.status for one in beyond] == [429, 200, 503]
        assert all("Retry-After" in beyond[n].answer.headers for n in (0, 2))
        assert streams(live) == 60
        beyond[1].close()
    wait_until(lambda: streams(live) == 0)

    with closing(listen(live, "full")) as again:
        assert again.answer.status == 200


def test_what_is_no_thread_is_refused_as_the_thread_itself_is(live: Live) -> None:
    with live.http() as http:
        for query in ({}, {"article": ""}, {"article": "a", "site": "nowhere"}):
            asked = http.get(PATH, params=query)
            assert asked.status_code == http.get("/api/v1/thread", params=query).status_code != 200
        assert http.head(PATH, params={"article": "a"}).status_code == 200
        assert http.post(PATH, params={"article": "a"}).status_code == 405
    wait_until(lambda: streams(live) == 0)


@pytest.mark.soak
def test_an_old_program_is_answered_and_who_leaves_at_once_harms_nobody(live: Live) -> None:
    for _ in range(10):
        with socket.create_connection(address(live)) as client:
            client.sendall(f"GET {PATH}?article=old HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    until = time.monotonic() + 30
    while not (received := (client := asks_as_old(live)).recv(4096)).startswith(b"HTTP/1.0 200"):
        client.close()  # those who left may have taken its turn; it asks again
        assert time.monotonic() < until, received
    with client:
        live.reader().posted("old")
        while b"event: changed" not in received:
            more = client.recv(4096)
            assert more, received
            received += more

    wait_until(lambda: streams(live) == 0)


def asks_as_old(live: Live) -> socket.socket:
    """A connection on which a program that knows HTTP/1.0 alone asked for events."""
    client = socket.create_connection(address(live), timeout=20)
    client.sendall(f"GET {PATH}?article=old HTTP/1.0\r\n\r\n".encode())
    return client


def test_the_body_ends_when_its_own_head_was_sent_and_not_anothers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handover, "OTHERS_SECONDS", 60)
    monkeypatch.setattr(handover, "HEAD_SECONDS", 60)
    with ExitStack() as opened:
        server = opened.enter_context(socket.create_server(("127.0.0.1", 0)))
        ends = []
        for _ in range(2):
            client = opened.enter_context(socket.create_connection(server.getsockname(), 30))
            client.sendall(b"GET / HTTP/1.1\r\n\r\n")
            ends.append(opened.enter_context(server.accept()[0]))
            ends[-1].recv(1, socket.MSG_PEEK)  # it is there
        handed = handover.begin(Listening(server.getsockname()[1]), 700, b"first")
        for one in handed.copies:
            opened.enter_context(one.copy)
        assert (len(handed.copies), next(handed)) == (2, b"first")
        sent: list[str] = []

        def answer() -> None:
            ends[0].sendall(b"another's")
            time.sleep(0.05)
            sent.append("its own")
            ends[1].sendall(b"its own")

        with ThreadPoolExecutor(1) as pool:
            answering = pool.submit(answer)
            assert list(handed) == []
            assert sent == ["its own"]
            answering.result(30)


@pytest.mark.slow_on_postgresql
def test_a_stop_ends_streams_at_once(live: Live, tmp_path: Path) -> None:
    with serving(tmp_path / "data") as stopped, closing(listen(stopped, "a")) as listener:
        assert stopped.stop(within=5) == 0
        assert listener.ends()
        lines = [line for line in stopped.log.read_text().splitlines() if PATH in line]

    assert len(lines) == 1
    assert "streams" not in live.log.read_text()


def test_another_server_says_that_it_cannot(make_service: MakeService) -> None:
    answer = make_service().http().get(PATH, params={"article": "a"})

    assert (answer.status_code, answer.headers["Content-Type"]) == (501, "application/problem+json")


def test_where_no_connection_can_be_had_it_says_so_for_a_while(tmp_path: Path) -> None:
    nothing: Any = None
    hub = Streams(nothing, Metrics(tmp_path), per_client=100)
    hub.begin(Listening(port=1), least=1000, limit=100)
    watched = WatchedThread(1, "default", "a", ThreadState())

    for _ in range(TRIES):
        assert hub.can_open
        hub.open(watched, None, Caller(["192.0.2.1"])).close()

    wait_until(lambda: not hub.can_open)


@pytest.mark.unit
def test_all_that_is_sent_fills_blocks_and_leaves_an_answer_that_can_be_completed() -> None:
    longest = WatchedThread(1, "s" * 64, "\U0001f9d0" * LONGEST, ThreadState(2**53, 10**9))

    assert [len(framed(text)) % BLOCK for text in (b"", b"x" * 507, b"x" * 508, b"x" * 509)] == [0] * 4
    assert len(event(longest)) <= LAST
    assert len(filled(b"", LAST - BLOCK)) == LAST - BLOCK
    assert LENGTH % BLOCK == 0


@pytest.mark.soak  # an answer has 256 events, and there are four a second at most
def test_who_takes_nothing_is_dropped_and_who_reads_gets_a_whole_answer(live: Live) -> None:
    reader = live.reader()
    posted = reader.posted("whole")
    comment, key = posted["comment"]["id"], posted["edit_key"]
    with closing(listen(live, "whole")) as listener, socket.socket() as lazy, ThreadPoolExecutor(1) as pool:
        lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        lazy.connect(address(live))
        lazy.sendall(f"GET {PATH}?article=whole HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        wait_until(lambda: streams(live) == 2)
        whole = pool.submit(listener.answer.read)
        dropped_after = None
        for number in range(2000):
            reader.edit(comment, key, f"Number {number}.")
            if streams(live) == 1 and dropped_after is None:
                dropped_after = number
            if whole.done():
                break
            time.sleep(0.1)

        assert len(whole.result()) == LENGTH
        assert dropped_after is not None
    wait_until(lambda: streams(live) == 0)
