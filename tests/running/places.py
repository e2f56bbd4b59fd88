"""The places in which requests are worked on, taken by people who read slowly."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event, Semaphore

from flask import request

from commentsvc.storage.database import POOL_SIZE
from tests.running_service import InProcess


@contextmanager
def all_places_taken(service: InProcess) -> Iterator[None]:
    """Let reads of several people wait, one in each place that is not the desk's."""
    arrived, goes_on = Semaphore(0), Event()

    def hold() -> None:
        if request.args.get("article") == "taken":
            arrived.release()
            goes_on.wait(60)

    service.app.before_request_funcs.setdefault(None, []).append(hold)
    readers = [service.reader(f"203.0.113.{n}") for n in range(POOL_SIZE - 1)]
    with ThreadPoolExecutor(POOL_SIZE) as pool:
        reads = [pool.submit(reader.get, "/thread", article="taken") for reader in readers]
        try:
            assert all(arrived.acquire(timeout=30) for _ in reads)
            yield
        finally:
            goes_on.set()
        assert [read.result().status_code for read in reads] == [200] * (POOL_SIZE - 1)
