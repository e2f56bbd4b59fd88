"""Slow clients and many: they cost the others nothing, and nothing of them is left behind."""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

import httpx
import pytest

from commentsvc.cli.serve import CONNECTIONS, HEAD_SECONDS, THREADS, connections_within
from commentsvc.serving.gate import (
    BODIES_PER_CLIENT,
    BODY_TIMEOUT_SECONDS,
    MAX_UPLOADS,
    UPLOADS_RESERVED_FOR_DESK,
)
from commentsvc.storage.database import POOL_SIZE
from tests.conftest import MakeService
from tests.people import Reader
from tests.running.places import all_places_taken
from tests.running_service import NO_TLS, Live, serving
from tests.slow_clients import (
    HASTY,
    HASTY_SECONDS,
    Crowd,
    best_rate,
    connected,
    crowd,
    does_nothing,
    get,
    half_a_body,
    held,
    leave,
    nothing_left,
    post,
    reads_one_byte,
    said,
    sends,
    share_left,
    unfinished,
    until_closed,
    worker_of,
)

pytestmark = pytest.mark.slow

THREAD = "/api/v1/thread?article=a&limit=200"
LONG = "/api/v1/thread?article=long"  # an answer of 118 kB
# The kernel takes three or four megabytes of answers from the service; these are fourteen.
MUCH = 120
FORM = "/api/v1/form?article=a"
IDLE = 5_000
PROBLEM = "content-type: application/problem+json"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A service of one process with a thread of 100 comments, and a long one."""
    with serving(tmp_path_factory.mktemp("slow") / "data") as running:
        reader = running.reader()
        for n in range(100):
            reader.posted("a", f"Comment number {n}, which says what a comment says.")
        write_long_thread(running)
        yield running


def write_long_thread(live: Live) -> None:
    for n in range(12):
        live.reader().posted("long", f"{n} " + "word " * 1900)


@pytest.fixture(scope="module")
def _enough_files() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


CROWDS: dict[str, Crowd] = {
    f"{IDLE:,} idle connections": lambda live: crowd(live, IDLE),
    "200 that send headers": lambda live: crowd(live, 200, unfinished(get("/")), sends(b"a")),
    "200 that read answers": lambda live: crowd(live, 200, get(LONG) * MUCH, reads_one_byte, small=True),
    "200 that send bodies": lambda live: crowd(live, 200, half_a_body(), sends(b"a")),
}


@pytest.mark.alone
@pytest.mark.soak  # a ratio of times, which other work on the machine moves
@pytest.mark.usefixtures("_enough_files")
@pytest.mark.parametrize("come", CROWDS.values(), ids=CROWDS)
def test_a_crowd_of_slow_clients_costs_readers_less_than_a_fifth(live: Live, come: Crowd) -> None:
    best_rate(live, THREAD)
    before = held(live)

    assert share_left(live, THREAD, come, enough=0.8) >= 0.8
    assert nothing_left(live, before)


@pytest.mark.parametrize(
    ("files", "connections"), [(40, 8), (64, 16), (1024, 512), (4096, 2048), (10_000, 7952), (10**9, 16_384)]
)
def test_it_takes_no_more_connections_than_it_may_open_files(files: int, connections: int) -> None:
    assert connections_within(files) == connections


@pytest.mark.soak
def test_it_opens_as_many_files_as_it_may(tmp_path: Path) -> None:
    modest = (
        "import resource as r; r.setrlimit(r.RLIMIT_NOFILE, (1024, r.getrlimit(r.RLIMIT_NOFILE)[1]));"
        "from commentsvc.__main__ import main; main()"
    )
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)

    with serving(tmp_path / "data", program=("-c", modest)) as live:
        limits = Path(f"/proc/{worker_of(live)}/limits").read_text()

    soft = next(line for line in limits.splitlines() if line.startswith("Max open files")).split()[3]
    assert int(soft) >= min(hard, CONNECTIONS)


def in_the_middle_of_an_answer(live: Live) -> None:
    client = connected(live, receive_buffer=4096)
    client.sendall(get(LONG))
    assert client.recv(100).startswith(b"HTTP/1.1 200")
    leave(client)


def in_the_middle_of_a_body(live: Live) -> None:
    client = connected(live)
    client.sendall(half_a_body())
    leave(client)


@pytest.mark.parametrize("gone", [in_the_middle_of_an_answer, in_the_middle_of_a_body])
@pytest.mark.soak
def test_clients_that_go_away_leave_nothing_behind(live: Live, gone: Callable[[Live], None]) -> None:
    best_rate(live, THREAD)
    before = held(live)

    for _ in range(150):
        gone(live)

    assert nothing_left(live, before)
    assert live.reader().get("/healthz").status_code == 200


def elsewhere(live: Live, source: str) -> httpx.Client:
    return httpx.Client(
        base_url=live.base_url, timeout=30, transport=httpx.HTTPTransport(verify=NO_TLS, local_address=source)
    )


@pytest.mark.soak
def test_one_client_that_holds_bodies_stops_neither_posting_nor_moderation(live: Live) -> None:
    moderator = live.moderator()
    comment = live.reader().comment("b")

    with crowd(live, 258, half_a_body()) as senders:
        time.sleep(BODY_TIMEOUT_SECONDS + 1)
        refused = [sender for sender in senders if has_answer(sender)]
        assert len(refused) == 258 - 16
        answer = until_closed(refused[0])
        assert answer.status == 503
        for header in (PROBLEM, "retry-after: 5", "access-control-allow-origin: *", "connection: close"):
            assert header in answer.head
        assert "retry-after" in answer.head.partition("access-control-expose-headers:")[2]

        began = time.monotonic()
        assert live.reader().thread("a")["count"] == 100
        assert Reader(elsewhere(live, "127.0.0.2")).post("b").status_code == 201
        # The moderator sits behind the same address.
        assert moderator.decide("trash", comment)["decided"]
        assert time.monotonic() - began < 5

    can_post_again(live)


@pytest.mark.soak
def test_many_clients_that_hold_bodies_leave_a_part_to_moderators_and_half_to_readers(live: Live) -> None:
    moderator = live.moderator()
    comment = live.reader().comment("b")
    public, clients = MAX_UPLOADS - UPLOADS_RESERVED_FOR_DESK, 17
    assert MAX_UPLOADS <= THREADS // 2

    with crowd(live, clients * BODIES_PER_CLIENT, half_a_body(), sources=clients) as senders:
        time.sleep(BODY_TIMEOUT_SECONDS + 1)
        assert sum(map(has_answer, senders)) == clients * BODIES_PER_CLIENT - public
        assert live.reader().thread("a")["count"] == 100
        assert Reader(elsewhere(live, "127.0.0.99")).post("b").status_code == 503
        assert moderator.decide("trash", comment)["decided"]

    can_post_again(live)


def can_post_again(live: Live) -> None:
    until = time.monotonic() + 10
    while live.reader().post("b").status_code == 503:
        assert time.monotonic() < until


def has_answer(client: socket.socket) -> bool:
    client.setblocking(False)
    try:
        return bool(client.recv(1, socket.MSG_PEEK))
    except BlockingIOError:
        return False
    finally:
        client.settimeout(30)


def chunk(size: int) -> bytes:
    return f"{size:x}\r\n".encode() + b"x" * size + b"\r\n"


CLOSE = "Connection: close"
CHUNKED = "Transfer-Encoding: chunked"
REFUSED = {
    "a head of 300 kB": (431, get("/healthz", "X: " + "x" * 300_000)),
    "a head that does not end": (431, unfinished(get("/healthz")) + b"x" * 2_000_000),
    "a hundred headers and one": (431, get("/healthz", *["X: x"] * 100)),
    "an address of 65,600 characters": (414, get("/healthz?" + "x" * 65_600)),
    "something else than HTTP": (400, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"),
    "a large body": (413, post(b"x" * 300_000, "Content-Length: 300000", CLOSE)),
    "a larger body than can be": (413, post(b"x" * 300_000, f"Content-Length: {10**18}")),
    "a large body in chunks": (413, post(chunk(30_000) * 10 + b"0\r\n\r\n", CHUNKED)),
    "a body in chunks that does not end": (413, post(chunk(30_000) * 100, CHUNKED)),
    "a body in what are no chunks": (400, post(b"zz\r\n\r\n", CHUNKED)),
    "a negative length": (400, post(b"{}", "Content-Length: -2")),
    "a length of 30 digits": (400, post(b"{}", "Content-Length: " + "9" * 30)),
    "two lengths": (400, post(b"{}", "Content-Length: 2", "Content-Length: 3")),
}


@pytest.mark.soak
@pytest.mark.parametrize(("status", "request_"), REFUSED.values(), ids=REFUSED)
def test_what_is_too_large_is_refused_and_the_connection_closed(
    live: Live, status: int, request_: bytes
) -> None:
    answer = said(live, request_)

    assert answer.status == status
    assert status != 413 or PROBLEM in answer.head
    assert live.reader().get("/healthz").status_code == 200


@pytest.mark.soak
@pytest.mark.parametrize(
    "request_",
    [
        get("/healthz?" + "x" * 64_000, CLOSE),
        get("/healthz", CLOSE, "X: " + "x" * 100_000),
        get("/healthz", CLOSE, *["X: x"] * 98),
        post(b"d\r\n" + b'{"text": "a"}' + b"\r\n0\r\n\r\n", CLOSE, CHUNKED),
    ],
    ids=["a long address", "a large header", "a hundred headers", "chunks"],
)
def test_what_is_large_and_still_fits_is_answered(live: Live, request_: bytes) -> None:
    assert said(live, request_).status == 200


@pytest.mark.soak
def test_a_body_shorter_than_its_length_is_not_taken(live: Live) -> None:
    reader = live.reader()
    body = json.dumps(reader.submission("short")).encode()

    answer = said(live, post(body, f"Content-Length: {len(body) + 1}", path="/api/v1/comments"), no_more=True)

    assert (answer.status, PROBLEM in answer.head) == (400, True)
    assert reader.thread("short")["count"] == 0


def test_a_body_longer_than_its_length_is_cut_there_and_the_rest_is_no_request(live: Live) -> None:
    body = b'{"text": "a"}'

    answer = said(live, post(body + b"more\r\n\r\n", f"Content-Length: {len(body)}"))

    assert answer.status == 200
    assert b"HTTP/1.1 400" in answer.raw


@pytest.mark.alone
@pytest.mark.soak
def test_heads_and_idle_connections_have_their_time(live: Live) -> None:
    began = time.monotonic()
    with ExitStack() as stack:
        come = [
            crowd(live, 1),
            crowd(live, 1, b"GET / HTT"),
            crowd(live, 1, unfinished(get("/")), sends(b"a")),
            crowd(live, 1, get("/healthz")),
        ]
        clients = [stack.enter_context(some)[0] for some in come]
        with ThreadPoolExecutor(len(clients)) as pool:
            took = list(pool.map(lambda client: until_closed(client) and time.monotonic() - began, clients))

    assert [HEAD_SECONDS - 1 < seconds < HEAD_SECONDS + 5 for seconds in took] == [True] * 4


@pytest.mark.soak  # it waits for six seconds, and five more
def test_a_body_that_stops_is_answered_and_its_connection_closed(tmp_path: Path) -> None:
    with serving(tmp_path / "data", program=("-c", HASTY)) as hasty:
        before = held(hasty)

        with crowd(hasty, 1, half_a_body()) as stopped:
            answer = until_closed(stopped[0])

        assert answer.status == 408
        assert PROBLEM in answer.head
        assert nothing_left(hasty, before, within=30)


@pytest.mark.alone
@pytest.mark.soak
def test_bodies_and_those_who_take_no_answer_have_their_time(tmp_path: Path) -> None:
    with serving(tmp_path / "data", program=("-c", HASTY)) as hasty:
        write_long_thread(hasty)
        before = held(hasty)
        began = time.monotonic()
        with (
            crowd(hasty, 1, half_a_body()) as stopped,
            crowd(hasty, 1, half_a_body(), sends(b"a")) as dripping,
            crowd(hasty, 1, post(b"", CHUNKED), sends(b"1\r\na\r\n")) as dripping_chunks,
            crowd(hasty, 1, get(LONG) * MUCH, does_nothing, small=True) as stuck,
            ThreadPoolExecutor(3) as pool,
        ):
            answers = list(pool.map(until_closed, [*stopped, *dripping, *dripping_chunks]))
            assert HASTY_SECONDS <= time.monotonic() - began < HASTY_SECONDS + 6
            assert [answer.status for answer in answers] == [408, 408, 400]
            assert PROBLEM in answers[0].head
            assert nothing_left(hasty, before, within=10)
            # What was on its way in the kernel still comes, and no more.
            assert 0 < until_closed(stuck[0]).raw.count(b"HTTP/1.1 200") < MUCH

        assert hasty.reader().thread("long")["count"] == 12


@pytest.mark.alone
@pytest.mark.soak
def test_told_to_stop_it_ends_within_ten_seconds_whatever_clients_do(tmp_path: Path) -> None:
    with serving(tmp_path / "data") as live, ExitStack() as stack:
        write_long_thread(live)
        for come in (
            crowd(live, 50),
            crowd(live, 50, get("/healthz")),
            crowd(live, 50, unfinished(get("/")), sends(b"a")),
            crowd(live, 50, half_a_body()),
            crowd(live, 50, half_a_body(), sends(b"a")),
            crowd(live, 50, get(LONG) * MUCH, reads_one_byte, small=True),
        ):
            stack.enter_context(come)
        body = json.dumps(live.reader().submission("a", "Under way.")).encode()
        whole = post(body, f"Content-Length: {len(body)}", CLOSE, path="/api/v1/comments")
        under_way = stack.enter_context(connected(live, source="127.0.0.2"))
        under_way.sendall(whole[:-10])
        time.sleep(1)

        began = time.monotonic()
        live.process.send_signal(signal.SIGTERM)
        time.sleep(1)
        under_way.sendall(whole[-10:])

        assert until_closed(under_way).status == 201
        live.process.wait(20)
        assert time.monotonic() - began < 10
        with pytest.raises(ProcessLookupError):
            os.killpg(live.process.pid, 0)


@pytest.mark.soak
def test_who_finds_no_place_in_time_is_told_to_come_again(make_service: MakeService) -> None:
    service = make_service(DATABASE_TIMEOUT="30")
    moderator = service.moderator()
    reader = service.reader("198.51.100.1")
    with (
        ThreadPoolExecutor(3) as pool,
        all_places_taken(service),
        closing(sqlite3.connect(service.data_dir / "comments.db", isolation_level=None)) as other,
    ):
        assert moderator.queue(state="pending") == []  # one place is the desk's
        other.execute("BEGIN IMMEDIATE")  # a writer who takes his time
        decision = pool.submit(moderator.decide, "approve", "none")
        time.sleep(0.5)

        late = [pool.submit(reader.http.get, path) for path in (FORM, "/api/v1/moderation/comments")]
        answers = [answer.result() for answer in late]
        other.execute("ROLLBACK")
        assert decision.result()["missing"] == ["none"]
    for answer in answers:
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["status"] == 503
    assert [answer.headers.get("Access-Control-Allow-Origin") for answer in answers] == ["*", None]
    assert reader.http.get(FORM).status_code == 200


@pytest.mark.soak
def test_one_client_leaves_half_of_the_places_to_others(make_service: MakeService) -> None:
    service = make_service(DATABASE_TIMEOUT="30")
    poster = service.reader()
    submissions = [poster.submission("a", f"Number {n}.") for n in range(2 * POOL_SIZE)]
    with sqlite3.connect(service.data_dir / "comments.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with ThreadPoolExecutor(2 * POOL_SIZE) as pool:
            posts = [pool.submit(service.reader().send, submission) for submission in submissions]
            time.sleep(1)

            assert service.reader("198.51.100.1").http.get(FORM).status_code == 200
            preview = service.reader("198.51.100.1").http.post("/api/v1/preview", json={"text": "A."})
            assert preview.status_code == 200
            other.execute("ROLLBACK")
        assert {post.result().status_code for post in posts} == {201}
    other.close()
