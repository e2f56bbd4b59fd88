"""Clients of a running service by their bare sockets: slow ones, stuck ones, and readers who do not mind."""

from __future__ import annotations

import os
import re
import socket
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

from tests.running_service import Live

Act = Callable[[socket.socket], None]
Crowd = Callable[[Live], AbstractContextManager[list[socket.socket]]]

READERS = 8  # connections of those who read as fast as they can
READS = 160  # a round of theirs: so short that other work on the machine misses some of the rounds
ROUNDS = 20
PAUSE_SECONDS = 0.03  # between them
PATIENCE = 5  # seconds that a reader waits for an answer, the first on a new connection too
TRIES = 2, 15  # comparisons, at least and at most
# A service that gives requests less time, and so looks at its connections more often.
HASTY_SECONDS = 6
HASTY = (
    "from functools import partial; from commentsvc.__main__ import main; from commentsvc.cli import serve;"
    f"serve.run = partial(serve.run, request_seconds={HASTY_SECONDS}); main()"
)
SMALL = 4096  # bytes that a slow reader's side takes unread; the kernel doubles it


def connected(
    live: Live, *, receive_buffer: int | None = None, patience: float = 30, source: str = "127.0.0.1"
) -> socket.socket:
    """A connection; all of 127.0.0.0/8 is this machine, so *source* makes it another client's."""
    client = socket.socket()
    client.bind((source, 0))
    if receive_buffer:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    client.settimeout(patience)
    client.connect(("127.0.0.1", int(live.base_url.rpartition(":")[2])))
    return client


def get(path: str, *headers: str) -> bytes:
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: x", *headers, "", ""]).encode()


def unfinished(request: bytes) -> bytes:
    """A request without the empty line that ends its head, in the middle of a header."""
    return request.removesuffix(b"\r\n") + b"X: "


def post(body: bytes, *headers: str, path: str = "/api/v1/preview") -> bytes:
    """A request of which the body may be cut, or not in accord with its headers."""
    lines = [f"POST {path} HTTP/1.1", "Host: x", "Content-Type: application/json", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def half_a_body() -> bytes:
    return post(b'{"text": "', "Content-Length: 5000")


@dataclass(frozen=True)
class Received:
    """All that came on a connection until the service closed it."""

    raw: bytes

    @property
    def status(self) -> int:
        return int(self.raw.split(maxsplit=2)[1]) if self.raw else 0

    @property
    def head(self) -> str:
        return self.raw.partition(b"\r\n\r\n")[0].decode().lower()

    @property
    def body(self) -> bytes:
        return self.raw.partition(b"\r\n\r\n")[2]


def until_closed(client: socket.socket) -> Received:
    """Read until the service closes the connection; it must, before the client's patience ends."""
    parts = []
    try:
        while part := client.recv(65_536):
            parts.append(part)
    except ConnectionError:
        pass  # closed while some of the request was unread: what was answered has come before
    return Received(b"".join(parts))


def said(live: Live, request: bytes, *, no_more: bool = False) -> Received:
    """Send a request which the service answers by closing the connection."""
    with connected(live) as client:
        try:
            client.sendall(request)
            if no_more:
                client.shutdown(socket.SHUT_WR)
        except ConnectionError:
            pass  # it did not want the rest
        return until_closed(client)


def sends(piece: bytes) -> Act:
    return lambda client: client.sendall(piece)


def reads_one_byte(client: socket.socket) -> None:
    client.recv(1)


def does_nothing(client: socket.socket) -> None:
    """Be there, and no more."""


@contextmanager
def crowd(
    live: Live,
    many: int,
    first: bytes = b"",
    each_second: Act = does_nothing,
    *,
    small: bool = False,
    sources: int = 1,
) -> Iterator[list[socket.socket]]:
    """Let so many connections, of so many clients, send *first*, and do as told each second until the block ends."""
    with ExitStack() as stack:
        clients = [
            stack.enter_context(
                connected(live, receive_buffer=SMALL if small else None, source=f"127.0.0.{n % sources + 1}")
            )
            for n in range(many)
        ]
        for client in clients:
            client.sendall(first)
        over = Event()
        others = Thread(target=_go_on, args=(clients, each_second, over))
        others.start()
        try:
            yield clients
        finally:
            over.set()
            others.join()


def _go_on(clients: list[socket.socket], each_second: Act, over: Event) -> None:
    served = list(clients)
    while not over.wait(1):
        for client in list(served):
            try:
                each_second(client)
            except OSError:
                served.remove(client)  # the service had enough of it


def leave(client: socket.socket) -> None:
    """Go away as a process that is killed does: with a reset, whatever is still to come."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def best_rate(live: Live, path: str) -> float:
    """Reads of *path* a second, on a few connections at once: the best of some short rounds."""
    with ExitStack() as stack:
        readers = [stack.enter_context(connected(live, patience=PATIENCE)) for _ in range(READERS)]
        return max(_rate(readers, get(path)) for _ in range(ROUNDS))


def _rate(readers: list[socket.socket], request: bytes) -> float:
    time.sleep(PAUSE_SECONDS)
    began = time.perf_counter()
    for _ in range(READS // len(readers)):
        for reader in readers:
            reader.sendall(request)
        for reader in readers:
            _take_answer(reader)
    return READS / (time.perf_counter() - began)


def _take_answer(reader: socket.socket) -> None:
    received = bytearray()
    while (end := received.find(b"\r\n\r\n")) < 0:
        received += reader.recv(65_536)
    assert received.startswith(b"HTTP/1.1 200"), received[:200]
    length = re.search(rb"content-length: (\d+)", received)
    assert length
    missing = int(length[1]) - (len(received) - end - 4)
    while missing > 0:
        missing -= len(reader.recv(65_536))


def share_left(live: Live, path: str, come: Crowd, *, enough: float) -> float:
    """What is left of the readers' rate while a crowd is there; measured until it is enough, or often.

    The best rounds are compared, of all that were with the crowd and of all before and after:
    other work on the machine slows most rounds of either kind, and in time misses one of each.
    """
    alone = crowded = 0.0
    least, most = TRIES
    for tries in range(1, most + 1):
        alone = max(alone, best_rate(live, path))
        with come(live):
            time.sleep(1.5)  # they have come, and begun to be slow
            crowded = max(crowded, best_rate(live, path))
        alone = max(alone, best_rate(live, path))
        if tries >= least and crowded >= enough * alone:
            break
    return crowded / alone


@dataclass(frozen=True)
class Held:
    """What the working process holds of the machine."""

    files: int
    threads: int


def worker_of(live: Live) -> int:
    """The process that answers, where there is one of them."""
    process = live.process.pid
    return int(Path(f"/proc/{process}/task/{process}/children").read_text().split()[0])


def held(live: Live) -> Held:
    worker = worker_of(live)
    return Held(len(os.listdir(f"/proc/{worker}/fd")), len(os.listdir(f"/proc/{worker}/task")))


def nothing_left(live: Live, before: Held, *, within: float = 20) -> bool:
    """Whether the process lets go of what came with a crowd; its threads may idle some seconds first."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        now = held(live)
        if now.files <= before.files + 8 and now.threads <= before.threads + 8:
            return True
        time.sleep(0.25)
    return False
