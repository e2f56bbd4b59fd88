"""Moving windows in PostgreSQL, exact over all nodes that share it; what a request counts as is one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from threading import BoundedSemaphore
from typing import Any, TypeVar

from sqlalchemy import Engine, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from commentsvc.rate_limits.windows import (
    SECOND,
    SWEPT_PER_ROW,
    Clock,
    Hit,
    Range,
    Window,
    digest,
    grant,
    microseconds,
    range_of,
)
from commentsvc.storage import waiting
from commentsvc.storage.outage import DatabaseHangs, Outage

CONNECTIONS = 4  # of a process, beside those that requests read with: more would wait for the same windows
WAIT_SECONDS = 2  # for one of them, and for others who count in the same windows

# Who counts in a window has its lock until the commit. All take their locks in one order, so none waits in a circle.
# Counters need not be on the disk: a commit that waited for it would take as long as a post.
_LOCK = f"""
WITH session AS MATERIALIZED (
    SELECT set_config('lock_timeout', '{WAIT_SECONDS}s', true), set_config('synchronous_commit', 'off', true)
)
SELECT pg_advisory_xact_lock(number) FROM session, unnest(%(numbers)s::bigint[]) AS number
"""  # noqa: S608 - a constant of this module
_USED = """
SELECT
    (SELECT sum(amount) FROM rate_hit WHERE key = own.key AND at > own.after AND at <= own.until)::bigint,
    EXISTS (SELECT 1 FROM rate_hit WHERE key = own.key AND at > own.until)
FROM unnest(%(keys)s::text[], %(afters)s::bigint[], %(untils)s::bigint[])
    WITH ORDINALITY AS own (key, after, until, place)
ORDER BY own.place
"""
_OLDEST = """
SELECT min(at), sum(amount)::bigint FROM rate_hit WHERE key = %(key)s AND at > %(after)s AND at <= %(until)s
"""
_FORGET_FUTURE = "DELETE FROM rate_hit WHERE key = %(key)s AND at > %(until)s"
_ADD = """
INSERT INTO rate_hit (key, at, amount, expires)
SELECT own.key, %(now)s, own.amount, own.until
FROM unnest(%(keys)s::text[], %(amounts)s::bigint[], %(untils)s::bigint[]) AS own (key, amount, until)
ON CONFLICT (key, at) DO UPDATE
SET amount = rate_hit.amount + excluded.amount, expires = greatest(rate_hit.expires, excluded.expires)
"""
# Materialised, as a subquery with FOR UPDATE may be run again for each row; what others sweep just now is left to them.
_SWEEP = """
WITH expired AS MATERIALIZED (
    SELECT key, at FROM rate_hit WHERE expires <= %(now)s ORDER BY expires LIMIT %(rows)s FOR UPDATE SKIP LOCKED
)
DELETE FROM rate_hit USING expired WHERE rate_hit.key = expired.key AND rate_hit.at = expired.at
"""

_T = TypeVar("_T")


class PostgresqlMovingWindow:
    """What `RateLimiter` asks of a storage, of the table `rate_hit`.

    It has connections of its own: a request may count while it reads, and one that waited for a second connection
    of one pool would keep the first from the others. Times are those of the nodes' clocks: as far as they differ,
    a window is longer or shorter.
    """

    def __init__(self, engine: Engine, clock: Clock, outage: Outage) -> None:
        """Nothing is opened yet: a server may fork before the first hit."""
        self._outage = outage
        self._pool = engine.pool.recreate()
        self._free = BoundedSemaphore(CONNECTIONS)
        self._clock = clock
        driver_error: type[Exception] = engine.dialect.loaded_dbapi.Error
        self.base_exceptions = (SQLAlchemyError, driver_error, DatabaseHangs)

        @event.listens_for(engine, "engine_disposed")
        def close(_engine: Engine) -> None:
            self._pool.dispose()
            self._pool = self._pool.recreate()

    def acquire_entry(self, key: str, limit: int, expiry: int) -> bool:
        """Count, unless that would be too many."""
        return self.acquire_all([Hit([Window(key, limit, expiry)])]) is None

    def acquire_all(self, hits: Sequence[Hit]) -> Hit | None:
        """Count *hits* in one transaction, and give the first for which there is no room, where counting ends."""
        return self._run(lambda driver: self._count_all(driver, hits))

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """When the oldest hit was made (now, if there is none), and how many there are."""
        now = microseconds(self._clock)
        own = range_of(Window(key, limit, expiry), now)
        oldest, used = self._run(lambda driver: driver.execute(_OLDEST, own).fetchone())
        return (oldest or now) / SECOND, used or 0

    def _count_all(self, driver: Any, hits: Sequence[Hit]) -> Hit | None:
        windows = list(dict.fromkeys(window for hit in hits for window in hit.windows))
        driver.execute(_LOCK, {"numbers": sorted({_lock_of(window) for window in windows})})
        now = microseconds(self._clock)  # only now: a hit that waited for others counts from here on
        ranges = {window: range_of(window, now) for window in windows}
        granted, refused = grant(hits, _used(driver, ranges))
        if granted:
            keys, untils = _columns([ranges[window] for window in granted], "key", "until")
            amounts = list(granted.values())
            driver.execute(_ADD, {"now": now, "keys": keys, "untils": untils, "amounts": amounts})
            driver.execute(_SWEEP, {"now": now, "rows": SWEPT_PER_ROW * len(granted)})
        return refused

    def _run(self, work: Callable[[Any], _T]) -> _T:
        """Do *work* in a transaction, on a connection of the driver; while the database hangs, it is not asked."""
        self._outage.refuse()
        if not self._free.acquire(timeout=WAIT_SECONDS):
            raise PoolTimeout("all connections for the rate limits are in use")
        try:
            self._outage.refuse()  # it may have begun while this one waited
            with waiting.bounded(WAIT_SECONDS):
                return self._in_transaction(work)
        finally:
            self._free.release()

    def _in_transaction(self, work: Callable[[Any], _T]) -> _T:
        pooled = self._pool.connect()
        try:
            result = work(pooled.driver_connection)
            pooled.commit()
        except BaseException:
            pooled.invalidate()  # errors are too rare to save the connection
            raise
        pooled.close()
        return result


def _used(driver: Any, ranges: Mapping[Window, Range]) -> dict[Window, int]:
    """Say how many hits count in each window, and forget those that never will, as the clock was set back."""
    keys, afters, untils = _columns(list(ranges.values()), "key", "after", "until")
    rows = driver.execute(_USED, {"keys": keys, "afters": afters, "untils": untils}).fetchall()
    for own, (_, is_ahead) in zip(ranges.values(), rows, strict=True):
        if is_ahead:
            driver.execute(_FORGET_FUTURE, own)
    return {window: used or 0 for window, (used, _) in zip(ranges, rows, strict=True)}


def _columns(ranges: Sequence[Range], *names: str) -> list[list[str | int]]:
    return [[own[name] for own in ranges] for name in names]


def _lock_of(window: Window) -> int:
    """The number of its lock (64 bits with a sign): windows that share one by chance wait for each other."""
    return int.from_bytes(bytes.fromhex(digest(window.key))[:8], signed=True)
