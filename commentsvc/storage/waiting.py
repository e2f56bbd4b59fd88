"""For how long this thread waits for the database: a request has an end, commands have none, and work behind the requests a far one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

# Of the seconds that a request waits: the server itself gives up a statement that takes longer, and so we know that it
# lives; where it says nothing we do; and what is left is for the answer.
SERVER_SHARE = 0.8
OUR_SHARE = 0.9
BEHIND_SECONDS = 300.0  # for a statement of work behind the requests: none takes a tenth of that

_of_thread = threading.local()


@contextmanager
def bounded(seconds: float) -> Iterator[None]:
    """Within the block, this thread waits for no longer than *seconds* for a connection, a statement or other writers.

    One within another is bounded by both.
    """
    before = bound()
    _of_thread.seconds = seconds if before is None else min(before, seconds)
    try:
        yield
    finally:
        _of_thread.seconds = before


def bound() -> float | None:
    """For how many seconds this thread waits; None without an end."""
    return getattr(_of_thread, "seconds", None)


def stand_behind() -> None:
    """Let this thread, which works behind the requests, wait for each statement for `BEHIND_SECONDS` at most."""
    _of_thread.stands_behind = True


def for_statement() -> float | None:
    """For how many seconds this thread waits for one statement; None without an end."""
    return bound() or (BEHIND_SECONDS if getattr(_of_thread, "stands_behind", False) else None)
