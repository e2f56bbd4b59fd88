"""What one stranger with many connections costs the others: medians with and without, in one run."""

from __future__ import annotations

import multiprocessing
import socket
import statistics
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.running_service import NO_TLS, Live, serving
from tests.slow_clients import get, post

pytestmark = pytest.mark.soak

CONNECTIONS = 24
ROUNDS, SECONDS = 4, 4
READERS = 40  # others, each with an address of its own
# It takes as long to render as a text may.
COSTLY = b'{"text": "' + b"![" * 300 + b"~~a~~" * 1880 + b'"}'
DEFAULTS = {
    "RATE_LIMIT_POST": "5 per minute; 40 per hour; 200 per day",
    "RATE_LIMIT_READ": "600 per minute",
    "RATE_LIMIT_RENDER": "60 per minute",
}

Times = dict[str, list[float]]
REQUESTS = {
    "costly previews": post(COSTLY, f"Content-Length: {len(COSTLY)}"),
    "pages": get("/thread?article=a"),
    "addresses that are none": get("/nowhere"),
}


@pytest.mark.alone
@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
def test_the_others_wait_at_most_three_times_as_long(tmp_path: Path, request_: bytes) -> None:
    with serving(tmp_path / "data", **DEFAULTS) as live:
        for n in range(5):
            live.reader().posted("a", f"Comment number {n}, which says what a comment says.")
        measure(live, defaultdict(list), 2)
        alone: Times = defaultdict(list)
        beside: Times = defaultdict(list)
        answers: Counter[int] = Counter()
        for _ in range(ROUNDS):  # in turns, as other work on the machine comes and goes
            measure(live, alone, SECONDS)
            with stranger(live, request_, answers):
                measure(live, beside, SECONDS)

    grown = {}
    for what in alone:
        before, during = statistics.median(alone[what]), statistics.median(beside[what])
        grown[what] = during / before
        print(
            f"\n{what}: {before * 1000:.1f} ms alone, {during * 1000:.1f} ms beside the stranger, who got "
            f"{dict(answers)}: {grown[what]:.2f} times"
        )
    assert max(grown.values()) <= 3, grown


def measure(live: Live, times: Times, seconds: float) -> None:
    """Add how long each request of the others took; one is under way at a time."""
    clients = [
        httpx.Client(
            base_url=live.base_url,
            timeout=30,
            transport=httpx.HTTPTransport(verify=NO_TLS, local_address=f"127.0.0.{n + 2}"),
        )
        for n in range(READERS)
    ]
    until = time.monotonic() + seconds
    for client in cycle(clients):
        if time.monotonic() > until:
            break
        time.sleep(0.02)
        began = time.perf_counter()
        assert client.get("/thread", params={"article": "a"}).status_code == 200
        read = time.perf_counter()
        assert client.post("/api/v1/preview", json={"text": "Some *words*."}).status_code == 200
        times["/thread"].append(read - began)
        times["a preview"].append(time.perf_counter() - read)
    for client in clients:
        client.close()


@contextmanager
def stranger(live: Live, request: bytes, answers: Counter[int]) -> Iterator[None]:
    """One address with many connections, each of which asks again as soon as it is answered."""
    # In a process of its own, so that its work is not taken for the service's.
    context = multiprocessing.get_context("spawn")
    begun, over, told = context.Event(), context.Event(), context.Queue()
    port = urlsplit(live.base_url).port
    process = context.Process(target=ask_without_end, args=(port, request, begun, over, told))
    process.start()
    assert begun.wait(60)
    try:
        yield
    finally:
        over.set()
        answers.update(told.get(timeout=60))
        process.join(30)


def ask_without_end(port: int, request: bytes, begun: Event, over: Event, told: Queue[Counter[int]]) -> None:
    answers: Counter[int] = Counter()

    def ask() -> None:
        while not over.is_set():
            with socket.create_connection(("127.0.0.1", port), 30, ("127.0.0.66", 0)) as client:
                client.sendall(request)
                answers[int(client.recv(4096).split()[1])] += 1

    threads = [threading.Thread(target=ask) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    begun.set()
    for thread in threads:
        thread.join()
    told.put(answers)
