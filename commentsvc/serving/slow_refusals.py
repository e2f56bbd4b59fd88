"""Holds back the refusals of a client that goes on asking."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from threading import BoundedSemaphore

OFTEN = 20  # refusals of one client within the period, from which on they are held back
PERIOD_SECONDS = 10
HELD_SECONDS = 0.2
HELD_AT_A_TIME = 64  # each holds a thread of the server


class SlowRefusals:
    """To answer costs more than to refuse, but who asks again at once, on many connections, gets 1,000 refusals a second.

    Held back, each of its connections asks five times a second. Others get theirs at once, and so do all where
    too many are held back already.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._refused: Counter[str] = Counter()
        self._until = clock() + PERIOD_SECONDS
        self._held = BoundedSemaphore(HELD_AT_A_TIME)

    def refused(self, network: str) -> None:
        """A client of *network* is refused; come back when it may be told."""
        if self._clock() >= self._until:
            self._refused = Counter()  # so that it stays small, and a pause is enough
            self._until = self._clock() + PERIOD_SECONDS
        self._refused[network] += 1
        if self._refused[network] > OFTEN and self._held.acquire(blocking=False):
            try:
                self._sleep(HELD_SECONDS)
            finally:
                self._held.release()
