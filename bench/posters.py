"""People who post: each sends the next comment when the last was answered, and every answer is timed."""

from __future__ import annotations

import asyncio
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from urllib.parse import urlsplit

from bench.load import Unexpected
from bench.results import Tail


@dataclass(slots=True)
class Times:
    """Seconds that each answer took, by poster."""

    by_poster: list[list[float]] = field(default_factory=list)

    def tail(self) -> Tail:
        """What that comes to."""
        taken = [seconds for one in self.by_poster for seconds in one]
        posted = [len(one) for one in self.by_poster]
        return Tail(
            posts=len(taken),
            median=statistics.median(taken),
            percentile_99=statistics.quantiles(taken, n=100)[98],
            longest=max(taken),
            fewest_of_a_poster=min(posted),
            most_of_a_poster=max(posted),
        )


def post_at_once(base_url: str, requests: Sequence[bytes], posters: int, seconds: float) -> Times:
    """Let that many post at the same time, as fast as they are answered, each once at least.

    :raises Unexpected: a post was not answered with 201, or *requests* ran out.
    """
    return asyncio.run(_post_at_once(base_url, requests, posters, seconds))


async def _post_at_once(base_url: str, requests: Sequence[bytes], posters: int, seconds: float) -> Times:
    times, unsent = Times([[] for _ in range(posters)]), iter(requests)
    until = time.perf_counter() + seconds
    async with asyncio.TaskGroup() as group:
        for taken in times.by_poster:
            group.create_task(_post(base_url, unsent, taken, until))
    return times


async def _post(base_url: str, unsent: Iterator[bytes], taken: list[float], until: float) -> None:
    connection = await _connect(base_url)
    while not taken or time.perf_counter() < until:
        request = next(unsent, None)
        if request is None:
            raise Unexpected(f"{base_url}: there were more posts than requests")
        taken.append(await _send(connection, request))
    connection[1].close()


Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _connect(base_url: str) -> Connection:
    parts = urlsplit(base_url)
    return await asyncio.open_connection(parts.hostname, parts.port)


async def _send(connection: Connection, request: bytes) -> float:
    reader, writer = connection
    began = time.perf_counter()
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    await reader.readexactly(_length(head))
    if not head.startswith(b"HTTP/1.1 201"):
        raise Unexpected(head.decode())
    return time.perf_counter() - began


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    raise Unexpected(f"an answer without a length: {head.decode()}")


@contextmanager
def streaming(base_url: str, requests: Sequence[bytes], a_second: int) -> Iterator[None]:
    """While the block runs, post *requests* at that pace, however long an answer takes.

    :raises Unexpected: a post was not answered with 201, or *requests* ran out.
    """
    ended = threading.Event()
    failed: list[BaseException] = []

    def stream() -> None:
        try:
            asyncio.run(_stream(base_url, requests, a_second, ended))
        except BaseException as why:  # told to the block's owner below
            failed.append(why)

    thread = threading.Thread(target=stream)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
    if failed:
        raise failed[0]


async def _stream(base_url: str, requests: Sequence[bytes], a_second: int, ended: threading.Event) -> None:
    connection, unsent, began = await _connect(base_url), iter(requests), time.perf_counter()
    for number in count():
        if ended.is_set():
            break
        request = next(unsent, None)
        if request is None:
            raise Unexpected(f"{base_url}: there were more posts than requests")
        await _send(connection, request)
        await asyncio.sleep(max(0.0, began + (number + 1) / a_second - time.perf_counter()))
    connection[1].close()
