"""Moving windows, whose hits are granted; and how they are counted exactly in a table of SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from hashlib import blake2b

from msgspec import json

from commentsvc.errors import TooMany

SWEPT_PER_ROW = 8  # a hit adds a row for each window, so that what has expired shrinks by seven
SECOND = 1_000_000  # times are whole microseconds: sums are exact, and a double still holds them

Clock = Callable[[], float]
"""Gives seconds since the epoch."""

Range = dict[str, str | int]
"""A window as the statements take it: its key, and between which times (microseconds) hits count."""

# Hits of one key at the same microsecond share a row. Without a rowid, counting reads one B-tree only.
SCHEMA = """
CREATE TABLE hits (
    key TEXT NOT NULL,
    at INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    PRIMARY KEY (key, at)
) WITHOUT ROWID;
CREATE INDEX hits_by_expiry ON hits (expires);
"""
# All windows in one statement: at each, another thread may take the interpreter's lock from this one.
# Hits further ahead than the window is long are from before the clock was set back.
_USED = """
SELECT
    (SELECT sum(amount) FROM hits WHERE key = window.key AND at > window.after AND at <= window.until),
    EXISTS (SELECT 1 FROM hits WHERE key = window.key AND at > window.until)
FROM (
    SELECT
        id,
        json_extract(value, '$.key') AS key,
        json_extract(value, '$.after') AS after,
        json_extract(value, '$.until') AS until
    FROM json_each(:windows)
) AS window
ORDER BY id
"""
_OLDEST = "SELECT min(at), sum(amount) FROM hits WHERE key = :key AND at > :after AND at <= :until"
_FORGET_FUTURE = "DELETE FROM hits WHERE key = :key AND at > :until"
_ADD = """
INSERT INTO hits (key, at, amount, expires)
SELECT json_extract(value, '$.key'), :now, json_extract(value, '$.amount'), json_extract(value, '$.until')
FROM json_each(:windows) WHERE true
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

    :param amount: what it counts for; less than nothing where it takes back what was counted a moment ago.
    :param limit: the name of what it counts for, which is not of a client.
    :param more: for how much it counts besides, as far as there is room: of work that was done before
        anybody could tell how much it is.
    :param refusal: what is raised where there is no room.
    """

    windows: Sequence[Window]
    amount: int = 1
    more: int = 0
    otherwise: Otherwise = Otherwise.COUNT_HERE
    refusal: type[TooMany] = TooMany
    limit: str = ""

    def halved(self) -> Hit:
        """The same with half of each limit."""
        return replace(self, windows=[window.halved() for window in self.windows])

    def taken_back(self) -> Hit:
        """What takes this one back: for it there is always room."""
        return replace(self, amount=-self.amount, more=0)


def grant(hits: Sequence[Hit], used: Mapping[Window, int]) -> tuple[dict[Window, int], Hit | None]:
    """Say how much is to be added to each window, and the first of *hits* for which there is no room; what follows it gets none.

    :param used: how much counts in each of the windows.
    """
    granted: dict[Window, int] = {}
    for hit in hits:
        room = min(one.limit - used[one] - granted.get(one, 0) for one in hit.windows) - hit.amount
        if room < 0:
            return granted, hit
        if amount := hit.amount + min(hit.more, room):  # a hit may cost nothing
            for window in hit.windows:
                granted[window] = granted.get(window, 0) + amount
    return granted, None


def count_all(connection: sqlite3.Connection, clock: Clock, hits: Sequence[Hit]) -> Hit | None:
    """Count *hits* one after the other, and give the first for which there is no room; what follows it is not counted.

    One transaction: of any number of calls at once, no more than a window's limit are counted.
    """
    connection.execute("BEGIN IMMEDIATE")
    now = microseconds(clock)  # only now: who waited for the lock must not count at the time he came
    ranges = {window: range_of(window, now) for hit in hits for window in hit.windows}
    granted, refused = grant(hits, _used(connection, ranges))
    if granted:
        added = [ranges[window] | {"amount": amount} for window, amount in granted.items()]
        connection.execute(_ADD, {"now": now, "windows": json.encode(added).decode()})
        connection.execute(_SWEEP, {"now": now, "rows": SWEPT_PER_ROW * len(added)})
    connection.execute("COMMIT")
    return refused


def look(connection: sqlite3.Connection, clock: Clock, window: Window) -> tuple[float, int]:
    """Give when the oldest hit that counts was made (now, if there is none), and how many count.

    The first is in seconds since the epoch; that many seconds of the window after it there is room again.
    """
    now = microseconds(clock)
    start, used = connection.execute(_OLDEST, range_of(window, now)).fetchone()
    return (start or now) / SECOND, used or 0


def digest(key: str) -> str:
    """The key as it is stored: keys are of any length, and may hold lone surrogates that SQLite's text cannot."""
    return blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _used(connection: sqlite3.Connection, ranges: Mapping[Window, Range]) -> dict[Window, int]:
    """Say how many hits count in each window, and forget those that never will, as the clock was set back."""
    rows = connection.execute(_USED, {"windows": json.encode(list(ranges.values())).decode()}).fetchall()
    for one, (_, is_ahead) in zip(ranges.values(), rows, strict=True):
        if is_ahead:
            connection.execute(_FORGET_FUTURE, one)
    return {window: used or 0 for window, (used, _) in zip(ranges, rows, strict=True)}


def microseconds(clock: Clock) -> int:
    """The time, as it is stored."""
    return round(clock() * SECOND)


def range_of(window: Window, now: int) -> Range:
    """The times at which hits of *window* count *now*."""
    length = window.seconds * SECOND
    return {"key": digest(window.key), "after": now - length, "until": now + length}
