"""Hits the windows of a client, and knows what to do where they cannot be counted."""

from __future__ import annotations

import math
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

import structlog

from commentsvc.errors import Busy, TooMany
from commentsvc.rate_limits.redis_faults import reason_of
from commentsvc.rate_limits.sqlite import SqliteMovingWindow
from commentsvc.rate_limits.windows import SCHEMA, Clock, Window, hit_all, look

PAUSE_SECONDS = 5  # until a storage that failed is asked again: to ask may take its whole timeout
LOG_SECONDS = 60  # between two lines of the log that say so
REFUSED_SECONDS = 10  # for which a refusal is remembered; longer, and an emptied storage would not help
MOST_REFUSALS = 10_000  # remembered at a time, some 2 MB

PROBE = Window("can count", 1000, 1)  # far more than anybody asks in a second: a full one takes no write

NOT_NOW = "Attempts cannot be counted at the moment. Please try again shortly."

log = structlog.get_logger("commentsvc.limits")


class SharedWindows(Protocol):
    """What we use of a storage of the library `limits`."""

    @property
    def base_exceptions(self) -> type[Exception] | tuple[type[Exception], ...]:
        """What it raises where it cannot be used."""

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count, unless that would be too many."""

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """When the oldest hit was made, and how many there are."""


class Otherwise(Enum):
    """What becomes of a hit where the storage is out."""

    LET_THROUGH = auto()
    COUNT_HERE = auto()  # by this process, to half of each limit
    REFUSE = auto()


@dataclass(frozen=True, slots=True)
class _Refusal:
    limit: int
    room_at: float  # seconds since the epoch
    remembered_until: float  # on the monotonic clock

    def holds(self, now: float) -> bool:
        return now < self.room_at and time.monotonic() < self.remembered_until

    def error(self, now: float) -> TooMany:
        return TooMany(self.limit, max(1, math.ceil(self.room_at - now)))


class RateLimiter:
    """Counts in a storage that processes share; *clock* gives seconds since the epoch.

    Whoever was refused is refused again for some seconds without asking the storage, which would say
    the same: to go on asking costs less than to be answered.
    """

    def __init__(self, storage: SharedWindows, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock
        self._own = _OwnWindows(clock)
        self._refusals: dict[str, _Refusal] = {}
        self._out_until = self._silent_until = -math.inf  # on the monotonic clock

    def hit(self, windows: Sequence[Window], otherwise: Otherwise) -> None:
        """Count one hit in each of *windows*; the first is the client's own.

        :raises TooMany: one of them is full.
        :raises Busy: the storage is out, and *otherwise* says to refuse.
        """
        now, name = self._clock(), windows[0].key
        if (known := self._refusals.get(name)) and known.holds(now):
            raise known.error(now)
        try:
            refusal = self._shared(lambda: _hit(self._storage, windows, now))
        except _StorageOut:
            if otherwise is Otherwise.LET_THROUGH:
                return
            if otherwise is Otherwise.REFUSE:
                raise Busy(NOT_NOW) from None
            refusal = _hit(self._own, [window.halved() for window in windows], now)
        if refusal is not None:
            if len(self._refusals) >= MOST_REFUSALS:
                self._refusals.clear()
            self._refusals[name] = refusal
            raise refusal.error(now)

    def require_room(self, windows: Sequence[Window], otherwise: Otherwise) -> None:
        """Look whether a hit of *windows* would be granted, and count none.

        :raises TooMany, Busy: as `hit` does.
        """
        now = self._clock()
        try:
            refusal = self._shared(lambda: _full(self._storage, windows, now))
        except _StorageOut:
            if otherwise is Otherwise.REFUSE:
                raise Busy(NOT_NOW) from None
            return
        if refusal is not None:
            raise refusal.error(now)

    def can_count(self) -> bool:
        """Whether a hit can be counted. One is: a storage may answer all else and take no writes."""
        try:
            self._storage.acquire_entry(PROBE.key, PROBE.limit, PROBE.seconds)
        except self._storage.base_exceptions as why:
            self._tell(why)
            return False
        return True

    def _shared(self, work: Callable[[], _Refusal | None]) -> _Refusal | None:
        """Do *work* with the storage.

        :raises _StorageOut: it cannot be used, or could not a moment ago.
        """
        if time.monotonic() < self._out_until:
            raise _StorageOut
        try:
            return work()
        except self._storage.base_exceptions as why:
            self._out_until = time.monotonic() + PAUSE_SECONDS
            self._tell(why)
            raise _StorageOut from None

    def _tell(self, why: BaseException) -> None:
        if time.monotonic() >= self._silent_until:
            self._silent_until = time.monotonic() + LOG_SECONDS
            log.error(
                "rate limits cannot be counted",
                kind=type(why).__name__,
                code=getattr(why, "sqlite_errorname", None),
                reason=reason_of(why),
            )


class _StorageOut(Exception):
    """The storage cannot be used at the moment."""


class _OwnWindows:
    """Windows of this process alone, in its memory."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._turn = threading.Lock()
        self._connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        self._connection.executescript(SCHEMA)

    def acquire_all(self, windows: Sequence[Window]) -> bool:
        with self._turn:
            return hit_all(self._connection, self._clock, windows)

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        with self._turn:
            return look(self._connection, self._clock, Window(key, limit, expiry))


def _hit(storage: SharedWindows | _OwnWindows, windows: Sequence[Window], now: float) -> _Refusal | None:
    """Count a hit in all windows, or say when there will be room in them.

    Redis counts them one after the other, so that a hit that one of them refuses stays in those before.
    """
    if isinstance(storage, (SqliteMovingWindow, _OwnWindows)):
        granted = storage.acquire_all(windows)
    else:
        granted = all(storage.acquire_entry(window.key, window.limit, window.seconds) for window in windows)
    return None if granted else _refusal(storage, windows, now)


def _full(storage: SharedWindows, windows: Sequence[Window], now: float) -> _Refusal | None:
    """Say when there will be room in all windows; None where there is."""
    refusal = _refusal(storage, windows, now)
    return refusal if refusal.room_at > now else None


def _refusal(storage: SharedWindows | _OwnWindows, windows: Sequence[Window], now: float) -> _Refusal:
    """Tell of the window that keeps the client out for longest.

    A minute's may be broken by what the hour's had refused already; who waited for the minute
    alone would be refused again.
    """
    limit, room_at = windows[0].limit, now  # this very moment there may be room again
    for window in windows:
        oldest, used = storage.get_moving_window(window.key, window.limit, window.seconds)
        if used >= window.limit and oldest + window.seconds > room_at:
            limit, room_at = window.limit, oldest + window.seconds
    return _Refusal(limit, room_at, time.monotonic() + REFUSED_SECONDS)
