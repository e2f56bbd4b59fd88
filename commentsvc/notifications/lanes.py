"""The lanes of the outbox in one process: how many of each are being sent, and which cannot be reached now."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import count

from commentsvc.records import OutboxMessage

WIDTH = 1  # messages of one lane that are sent at a time by one process
OWN_SERVER = {
    "mail": 4,
    "mail:first": 2,
}  # to the mail server, which others use at once: no other lane delays it
MOST_AT_ONCE = 10  # of all other lanes
PATIENCE_SECONDS = 0.1
"""What is being sent for longer than that lets another begin. So quick receivers are told one after the other, and a
process that is killed has hardly ever more than one message that arrived and is not noted yet."""


class Lanes:
    """What is being sent by one process; its threads share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sending: dict[int, str] = {}  # lanes, by the rows of their messages
        self._begun_at = float("-inf")  # the last of them
        self._newest: int | None = None
        self._paused: dict[str, tuple[datetime, timedelta]] = {}  # until when, and for how long
        self._turns: dict[str, int] = {}  # when each had its last one
        self._turn = count(1)

    def rows(self) -> list[int]:
        """The rows of the messages that are being sent."""
        with self._lock:
            return list(self._sending)

    def with_room(self, due: Iterable[OutboxMessage], now: datetime) -> OutboxMessage | None:
        """The one of *due*, which has the first of each lane, that is to be sent next; the lanes take turns."""
        with self._lock:
            if self._newest in self._sending and time.monotonic() - self._begun_at < PATIENCE_SECONDS:
                return None
            busy = Counter(self._sending.values())
            others = sum(number for lane, number in busy.items() if lane not in OWN_SERVER)
            fitting = (
                message
                for message in due
                if message.id not in self._sending
                and busy[message.lane] < self._width(message.lane, now)
                and (message.lane in OWN_SERVER or others < MOST_AT_ONCE)
            )
            return min(fitting, key=lambda one: (self._turns.get(one.lane, 0), one.due_at), default=None)

    def begin(self, message: OutboxMessage) -> None:
        """It is being sent."""
        with self._lock:
            self._sending[message.id] = message.lane
            self._newest, self._begun_at = message.id, time.monotonic()
            self._turns[message.lane] = next(self._turn)

    def end(self, message: OutboxMessage) -> None:
        """It is not being sent any more."""
        with self._lock:
            del self._sending[message.id]

    def pause(self, lane: str, now: datetime, pause: timedelta) -> None:
        """It cannot be reached: nothing of it is sent for so long, and then one message, to try."""
        with self._lock:
            self._paused[lane] = (now + pause, pause)

    def reach(self, lane: str) -> None:
        """It can be reached."""
        with self._lock:
            self._paused.pop(lane, None)

    def _width(self, lane: str, now: datetime) -> int:
        paused = self._paused.get(lane)
        if paused is None:
            return OWN_SERVER.get(lane, WIDTH)
        until, pause = paused
        return 0 if until - pause <= now < until else 1  # of a clock that was set back it does not wait
