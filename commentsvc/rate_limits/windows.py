"""Moving windows, and how they are counted exactly in a table of SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from hashlib import blake2b

from commentsvc.errors import TooMany

SWEPT_PER_ROW = 8  # a hit adds a row for each window, so that what has expired shrinks by seven
SECOND = 1_000_000  # times are whole microseconds: sums are exact, and a double still holds them

Clock = Callable[[], float]
"""Gives seconds since the epoch."""

# Hits of one key at the same microsecond share a row. Without a rowid, counting reads one B-tree only.
SCHEMA = """
CREATE TABLE hits (
    key BLOB NOT NULL,
    at INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    PRIMARY KEY (key, at)
) WITHOUT ROWID;
CREATE INDEX hits_by_expiry ON hits (expires);
"""
# Those further ahead than the window is long are of before the clock was put back.
_COUNT = "SELECT min(at), sum(amount) FROM hits WHERE key = :key AND at > :after AND at <= :until"
_FORGET_FUTURE = "DELETE FROM hits WHERE key = :key AND at > :until"
_ADD = """
INSERT INTO hits (key, at, amount, expires) VALUES (:key, :now, :amount, :until)
ON CONFLICT DO UPDATE SET amount = amount + excluded.amount, expires = max(expires, excluded.expires)
"""
_SWEEP = """
DELETE FROM hits WHERE (key, at) IN (
    SELECT key, at FROM hits WHERE expires <= :now ORDER BY expires LIMIT :rows
)
"""


class Otherwise(Enum):
    """What becomes of a hit where the storage is out."""

    LET_THROUGH = auto()
    COUNT_HERE = auto()  # by this process, to half of each limit
    REFUSE = auto()


@dataclass(frozen=True, slots=True)
class Window:
    """No more than *limit* hits of *key* may lie in the last *seconds*."""

    key: str
    limit: int
    seconds: int

    def halved(self) -> Window:
        """The same with half of the limit, and one hit at least."""
        return replace(self, limit=max(1, self.limit // 2))


@dataclass(frozen=True, slots=True)
class Hit:
    """What is counted in all of *windows*, or in none if one has no room; the first is the client's own.

    :param amount: what it counts for.
    :param more: for how much it counts besides, as far as there is room: of work that was done before
        anybody could tell how much it is.
    :param refusal: what is raised where there is no room.
    """

    windows: Sequence[Window]
    amount: int = 1
    more: int = 0
    otherwise: Otherwise = Otherwise.COUNT_HERE
    refusal: type[TooMany] = TooMany

    def halved(self) -> Hit:
        """The same with half of each limit."""
        return replace(self, windows=[window.halved() for window in self.windows])


def count_all(connection: sqlite3.Connection, clock: Clock, hits: Sequence[Hit]) -> Hit | None:
    """Count *hits* one after the other, and give the first for which there is no room; what follows it is not counted.

    One transaction: of any number of calls at once, no more than a window's limit are counted.
    """
    connection.execute("BEGIN IMMEDIATE")
    now = _microseconds(clock)  # only now: who waited for the lock must not count at the time he came
    rows = 0
    refused = None
    for hit in hits:
        added = _add(connection, hit, now)
        if added is None:
            refused = hit
            break
        rows += added
    if rows:
        connection.execute(_SWEEP, {"now": now, "rows": SWEPT_PER_ROW * rows})
    connection.execute("COMMIT")
    return refused


def look(connection: sqlite3.Connection, clock: Clock, window: Window) -> tuple[float, int]:
    """Give when the oldest hit that counts was made (now, if there is none), and how many count.

    The first is in seconds since the epoch; that many seconds of the window after it there is room again.
    """
    now = _microseconds(clock)
    start, used = _count(connection, _range(window, now))
    return (start or now) / SECOND, used


def digest(key: str) -> bytes:
    """The key as it is stored: keys are of any length, and may hold lone surrogates that SQLite's text cannot."""
    return blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _add(connection: sqlite3.Connection, hit: Hit, now: int) -> int | None:
    """Count *hit* and say how many rows were written; None where there is no room."""
    ranges = [_range(window, now) for window in hit.windows]
    for one in ranges:
        connection.execute(_FORGET_FUTURE, one)
    room = min(
        window.limit - hit.amount - _count(connection, one)[1]
        for one, window in zip(ranges, hit.windows, strict=True)
    )
    if room < 0:
        return None
    amount = hit.amount + min(hit.more, room)
    if amount == 0:  # a hit may cost nothing
        return 0
    connection.executemany(_ADD, [one | {"now": now, "amount": amount} for one in ranges])
    return len(ranges)


def _count(connection: sqlite3.Connection, one: dict[str, bytes | int]) -> tuple[int | None, int]:
    start, used = connection.execute(_COUNT, one).fetchone()
    return start, used or 0


def _microseconds(clock: Clock) -> int:
    return round(clock() * SECOND)


def _range(window: Window, now: int) -> dict[str, bytes | int]:
    length = window.seconds * SECOND
    return {"key": digest(window.key), "after": now - length, "until": now + length}
