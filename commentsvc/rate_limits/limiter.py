"""Hits the windows of a client, and knows what to do where they cannot be counted."""

from __future__ import annotations

import math
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import structlog

from commentsvc.errors import Busy, TooMany
from commentsvc.rate_limits.redis_faults import reason_of
from commentsvc.rate_limits.windows import SCHEMA, Clock, Hit, Otherwise, Window, count_all, look

PAUSE_SECONDS = 5  # until a storage that failed is asked again: to ask may take its whole timeout
LOG_SECONDS = 60  # between two lines of the log that say so
REFUSED_SECONDS = 10  # for which a refusal is remembered; longer, and an emptied storage would not help
MOST_REFUSALS = 10_000  # remembered at a time, some 2 MB

PROBE = Window("can count", 1000, 1)  # far more than anybody asks in a second: a full one takes no write

NOT_NOW = "Attempts cannot be counted at the moment. Please try again shortly."

log = structlog.get_logger("commentsvc.limits")

_T = TypeVar("_T")


class SharedWindows(Protocol):
    """What we use of a storage."""

    @property
    def base_exceptions(self) -> type[Exception] | tuple[type[Exception], ...]:
        """What it raises where it cannot be used."""

    def acquire_entry(self, key: str, limit: int, expiry: int) -> bool:
        """Count, unless that would be too many."""

    def acquire_all(self, hits: Sequence[Hit]) -> Hit | None:
        """Count *hits* in one transaction, and give the first for which there is no room, where counting ends."""

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """When the oldest hit was made, and how many there are."""


@dataclass(frozen=True, slots=True)
class _Refusal:
    """A window that is full, and until when (seconds since the epoch)."""

    window: Window
    room_at: float


_Refused = tuple[Hit, _Refusal]


class RateLimiter:
    """Counts in a storage that processes share; *clock* gives seconds since the epoch.

    *refused* is told of each refusal which limit it was.

    A window that was found full refuses for some seconds without the storage being asked, which would say
    the same: to go on asking costs less than to be answered.
    """

    def __init__(
        self, storage: SharedWindows, clock: Clock, refused: Callable[[str], None] = lambda _limit: None
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._count_refused = refused
        self._own = _OwnWindows(clock)
        self._refusals: dict[
            str, tuple[_Refusal, float]
        ] = {}  # by key, and until when on the monotonic clock
        self._out_until = self._silent_until = -math.inf  # on the monotonic clock

    def hit(self, hits: Sequence[Hit]) -> None:
        """Count *hits* one after the other, in one transaction, until there is no room for one.

        :raises TooMany: there is none, of the kind that this hit says.
        :raises Busy: the storage is out, and one of them says to refuse.
        """
        now = self._clock()
        for place, hit in enumerate(hits):
            if known := self._known(hit, now):
                self._count(hits[:place], now)
                raise known
        self._count(hits, now)

    def take_back(self, hits: Sequence[Hit]) -> None:
        """Count *hits* no more, which were counted a moment ago: nothing came of them."""
        for hit in hits:
            for window in hit.windows:
                self._refusals.pop(window.key, None)
        self._count([hit.taken_back() for hit in hits], self._clock())

    def raise_known(self, hit: Hit) -> None:
        """Ask no storage, and let *hit* pass unless one of its windows was just found full.

        :raises TooMany: as `hit` would.
        """
        if known := self._known(hit, self._clock()):
            raise known

    def require_room(self, hit: Hit) -> None:
        """Look whether *hit* would be granted, and count none.

        :raises TooMany, Busy: as `hit` does.
        """
        now = self._clock()
        try:
            refusal = self._shared(lambda: _fullest(self._storage, hit.windows, now))
        except _StorageOut:
            if hit.otherwise is Otherwise.REFUSE:
                raise Busy(NOT_NOW) from None
            return
        if refusal.room_at > now:
            raise self._error(hit, refusal, now)

    def can_count(self) -> bool:
        """Whether a hit can be counted. One is: a storage may answer all else and take no writes."""
        try:
            self._storage.acquire_entry(PROBE.key, PROBE.limit, PROBE.seconds)
        except self._storage.base_exceptions as why:
            self._tell(why)
            return False
        return True

    def _known(self, hit: Hit, now: float) -> TooMany | None:
        """The refusal of *hit* that is remembered of one of its windows."""
        for window in hit.windows:
            if found := self._refusals.get(window.key):
                refusal, until = found
                if now < refusal.room_at and time.monotonic() < until:
                    return self._error(hit, refusal, now)
        return None

    def _count(self, hits: Sequence[Hit], now: float) -> None:
        if not hits:
            return
        try:
            refused = self._shared(lambda: _counted(self._storage, hits, now))
        except _StorageOut:
            refused = self._counted_here(hits, now)
        if refused is None:
            return
        hit, refusal = refused
        if len(self._refusals) >= MOST_REFUSALS:
            self._refusals.clear()
        self._refusals[refusal.window.key] = refusal, time.monotonic() + REFUSED_SECONDS
        raise self._error(hit, refusal, now)

    def _counted_here(self, hits: Sequence[Hit], now: float) -> _Refused | None:
        """Do with *hits* what is said of each where the storage is out.

        :raises Busy: one of them is to be refused.
        """
        if any(hit.otherwise is Otherwise.REFUSE for hit in hits):
            raise Busy(NOT_NOW)
        return _counted(
            self._own, [hit.halved() for hit in hits if hit.otherwise is Otherwise.COUNT_HERE], now
        )

    def _error(self, hit: Hit, refusal: _Refusal, now: float) -> TooMany:
        self._count_refused(hit.limit)
        return hit.refusal(refusal.window.limit, max(1, math.ceil(refusal.room_at - now)))

    def _shared(self, work: Callable[[], _T]) -> _T:
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

    def acquire_all(self, hits: Sequence[Hit]) -> Hit | None:
        with self._turn:
            return count_all(self._connection, self._clock, hits)

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        with self._turn:
            return look(self._connection, self._clock, Window(key, limit, expiry))


def _counted(storage: SharedWindows | _OwnWindows, hits: Sequence[Hit], now: float) -> _Refused | None:
    """Count *hits*; give the one for which there is no room, and when there will be."""
    hit = storage.acquire_all(hits)
    return None if hit is None else (hit, _fullest(storage, hit.windows, now))


def _fullest(storage: SharedWindows | _OwnWindows, windows: Sequence[Window], now: float) -> _Refusal:
    """Tell of the window that keeps the client out for longest.

    A minute's may be broken by what the hour's had refused already; who waited for the minute
    alone would be refused again.
    """
    fullest = _Refusal(windows[0], now)  # this very moment there may be room again
    for window in windows:
        oldest, used = storage.get_moving_window(window.key, window.limit, window.seconds)
        if used >= window.limit and oldest + window.seconds > fullest.room_at:
            fullest = _Refusal(window, oldest + window.seconds)
    return fullest
