"""A number of places, given in the order in which people came."""

from __future__ import annotations

from collections import deque
from threading import Lock


class Places:
    """So many may be in at a time; a place that becomes free goes to whoever waits the longest.

    A semaphore gives it to whoever comes next: of 64 posters at once, some waited three times as
    long as most.
    """

    def __init__(self, many: int) -> None:
        self._free = many
        self._waiting: deque[Lock] = deque()  # each locked until its owner's turn
        self._lock = Lock()

    def take(self, patience: float) -> bool:
        """Wait for a place for at most *patience* seconds, and say whether it was given."""
        with self._lock:
            if self._free:  # then nobody waits
                self._free -= 1
                return True
            turn = Lock()
            turn.acquire()
            self._waiting.append(turn)
        if turn.acquire(timeout=patience):
            return True
        with self._lock:
            if turn in self._waiting:
                self._waiting.remove(turn)
                return False
        return True  # it was given at the very last moment

    def give_back(self) -> None:
        """Leave the place to the next."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._free += 1
