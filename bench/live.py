"""Many who have a thread open and are told of its changes, beside those who read it.

    python -m bench --live     # this alone; its figures join those of the last run

The streams are opened in this process, on the load's core, and read whatever comes. All are of the thread that is read and posted
to: of more threads fewer would be told of each post.
"""

from __future__ import annotations

import resource
import selectors
import socket
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

from bench import data, machine
from bench.data import HUNDRED
from bench.load import Unexpected, get, load
from bench.peers import ours
from bench.posters import post_at_once, streaming
from bench.postings import to_us
from bench.results import Measured
from bench.servers import Server
from bench.sizes import CONNECTIONS, Sizes

STREAMS = 2000
OPENED_AT_A_TIME = 16
POSTS_A_SECOND = 1
POSTS_OF_A_ROUND = 60
PATIENCE_SECONDS = 60
SETTINGS = ours.BEHIND_PROXY | ours.HOT | {"EVENTS_PER_CLIENT": "100000"}
EVENTS = f"/api/v1/thread/events?article={HUNDRED}"

Note = Callable[[str, str, float], None]
"""Keeps one value: its name, its unit, and the number."""


READERS, BESIDE = "readers without streams", "readers beside streams"
READERS_AND_POSTS, BESIDE_AND_POSTS = "readers and posts without streams", "readers and posts beside streams"
TIME = ", processor time"
MEMORY, TOLD = "memory of streams", "until all are told"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table, as it is written."""

    what: str
    median: str
    lowest: str
    highest: str
    target: str
    verdict: str


def rows(measured: Mapping[str, Measured]) -> list[Row]:
    """The lines; none where nothing was measured."""
    if BESIDE not in measured:
        return []
    ratio = partial(_ratio, measured)
    return [
        _row("readers a second, against without", ratio(BESIDE, READERS), "{:.2f}", least=0.9),
        _row("processor time of a read", ratio(BESIDE + TIME, READERS + TIME), "{:.2f}", most=1.1),
        _row("with posts: readers a second", ratio(BESIDE_AND_POSTS, READERS_AND_POSTS), "{:.2f}", least=0.9),
        _row(
            "with posts: processor time of a read",
            ratio(BESIDE_AND_POSTS + TIME, READERS_AND_POSTS + TIME),
            "{:.2f}",
            most=1.1,
        ),
        _row("memory of all streams", measured[MEMORY].rounds, "{:.0f} MB", most=64),
        _row("from a post until all are told", measured[TOLD].rounds, "{:.2f} s", most=1),
    ]


def _ratio(measured: Mapping[str, Measured], one: str, other: str) -> list[float]:
    return [a / b for a, b in zip(measured[one].rounds, measured[other].rounds, strict=True)]


def _row(
    what: str, rounds: Sequence[float], figure: str, *, least: float | None = None, most: float | None = None
) -> Row:
    median = statistics.median(rounds)
    reached = median >= least if least is not None else most is not None and median <= most
    return Row(
        what,
        figure.format(median),
        figure.format(min(rounds)),
        figure.format(max(rounds)),
        f"≥ {figure.format(least)}" if least is not None else f"≤ {figure.format(most)}",
        "reached" if reached else "MISSED",
    )


class Listeners:
    """Those who listen, and how many bytes of events came to each of them."""

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        self._address = parts.hostname, parts.port
        self._request = get(base_url + EVENTS)
        self._selector = selectors.DefaultSelector()
        self._reads = True
        self.told = 0
        self._thread = Thread(target=self._read, daemon=True)

    def open(self) -> None:
        """Open all streams, some at a time.

        :raises Unexpected: one was refused.
        """
        with ThreadPoolExecutor(OPENED_AT_A_TIME) as pool:
            for stream in pool.map(lambda _: self._opened(), range(STREAMS)):
                stream.setblocking(False)
                self._selector.register(stream, selectors.EVENT_READ)
        self._thread.start()

    def close(self) -> None:
        """Leave."""
        self._reads = False
        self._thread.join()
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]
        self._selector.close()

    def wait_for(self, told: int) -> None:
        """Wait until so many events came in all.

        :raises Unexpected: they did not come.
        """
        until = time.monotonic() + PATIENCE_SECONDS
        while self.told < told:
            if time.monotonic() > until:
                raise Unexpected(f"{told - self.told} of {STREAMS} streams were not told of a post")
            time.sleep(0.001)

    def _opened(self) -> socket.socket:
        stream = socket.create_connection(self._address)
        stream.sendall(self._request)
        answer = stream.recv(4096)
        if not answer.startswith(b"HTTP/1.1 200"):
            raise Unexpected(answer[:100].decode())
        return stream

    def _read(self) -> None:
        while self._reads:
            for key, _ in self._selector.select(0.05):
                came = key.fileobj.recv(65536)  # type: ignore[union-attr]
                self.told += came.count(b"event: changed")
                if not came:
                    self._selector.unregister(key.fileobj)


def measure(sizes: Sizes, note: Note) -> None:
    """Measure readers with and without streams, the memory of these, and how long it takes until all are told."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4 * STREAMS)), hard))
    data.KEPT.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=data.KEPT, prefix="live-") as folder,
        ours.serving(data.fresh(Path(folder) / "data", comments=100), SETTINGS, Path(folder)) as live,
    ):
        unsent = to_us(live, Path(folder) / "data", sizes.rounds * POSTS_OF_A_ROUND, lambda _: HUNDRED)
        _note_reads(
            live, sizes, lambda *_: None, READERS
        )  # until the answer is kept, and memory is what it is
        for number in range(sizes.rounds):
            some = iter(unsent[number * POSTS_OF_A_ROUND :])
            print(f"  round {number + 1} of {sizes.rounds}", flush=True)
            before = machine.resident_bytes(live.pid)
            _note_reads(live, sizes, note, READERS)
            with streaming(live.base_url, _next(some), POSTS_A_SECOND):
                _note_reads(live, sizes, note, READERS_AND_POSTS)
            began = time.perf_counter()
            with _listening(live) as listeners:
                note("streams opened", "/s", STREAMS / (time.perf_counter() - began))
                _note_reads(live, sizes, note, BESIDE)
                note(MEMORY, "MB", (machine.resident_bytes(live.pid) - before) / 1e6)
                with streaming(live.base_url, _next(some), POSTS_A_SECOND):
                    _note_reads(live, sizes, note, BESIDE_AND_POSTS)
                time.sleep(1)  # all are told of what was posted last
                note(TOLD, "s", _told(live, _next(some), listeners))


def _next(unsent: Iterator[bytes]) -> list[bytes]:
    """As many as are posted at most while readers are counted."""
    return [next(unsent) for _ in range(POSTS_OF_A_ROUND // 3)]


def _note_reads(live: Server, sizes: Sizes, note: Note, name: str) -> None:
    """Reads of the thread a second, and what each took of the processor."""
    asked = get(f"{live.base_url}/api/v1/thread?article={HUNDRED}", Accept_Encoding="br")
    before = machine.processor_seconds(live.pid)
    loaded = load(live.base_url, [asked], sizes.live_seconds, CONNECTIONS)
    note(name, "/s", loaded.rate())
    note(name + TIME, "µs", (machine.processor_seconds(live.pid) - before) / loaded.answers * 1e6)


@contextmanager
def _listening(live: Server) -> Iterator[Listeners]:
    listeners = Listeners(live.base_url)
    listeners.open()
    try:
        yield listeners
    finally:
        listeners.close()


def _told(live: Server, posts: Sequence[bytes], listeners: Listeners) -> float:
    """Seconds from before a post until all streams told of it."""
    wanted = listeners.told + STREAMS
    began = time.perf_counter()
    post_at_once(live.base_url, posts, 1, 0.001)  # one
    listeners.wait_for(wanted)
    return time.perf_counter() - began
