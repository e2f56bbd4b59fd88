"""Whether anything was committed to the database since it was last looked at: for SQLite, without asking it."""

from __future__ import annotations

import mmap
import os
from collections.abc import Callable
from threading import Lock
from typing import Any, Protocol

HEADER = 96  # bytes: the two copies of the header of SQLite's WAL-index


class CommitCounter(Protocol):
    """What differs after every commit of any process."""

    def begin(self) -> None:
        """Make it ready, once; not before a server forks."""

    def now(self) -> bytes | None:
        """Give what stands there now; None where that cannot be told."""

    def close(self) -> None:
        """Let go of it, after all else that uses the database in this process."""


class NoCommitCounter:
    """That of PostgreSQL, which has nothing of the kind that costs less than to look a version up."""

    def begin(self) -> None:
        """There is nothing to make ready."""

    def now(self) -> None:
        """It cannot be told."""

    def close(self) -> None:
        """There is nothing to let go of."""


class WalIndexHeader:
    """The header of SQLite's WAL-index (https://sqlite.org/walformat.html §2.1), mapped.

    Every commit rewrites it before it returns, in memory that all processes share, and SQLite itself compares it
    to learn the same. To compare its 96 bytes takes a tenth of a microsecond; a look-up five, most of it for
    locks, and a change of threads besides (docs/decisions/0008, 0045). Nothing but equality is asked of it.

    :param connect: gives a connection of its own, of the driver's.
    """

    def __init__(self, connect: Callable[[], Any]) -> None:
        self._connect = connect
        self._beginning = Lock()  # once: a second mapping that is dropped closes a descriptor, see `close`
        self._header: mmap.mmap | None = None
        self._anchor: Any = None  # keeps the WAL-index from being removed or cut under the mapping
        self._file = -1

    def begin(self) -> None:
        """Map the header; where there is none (another journal, no file), it stays untold."""
        with self._beginning:
            if self._anchor is None:
                self._map()

    def now(self) -> bytes | None:
        """Give the header as it is now."""
        return None if self._header is None else self._header[:HEADER]

    def close(self) -> None:
        """Drop the mapping.

        Before all else that uses the database it must not be done: to close any descriptor of a file drops
        the locks that SQLite holds on it (POSIX advisory locks are the process's).
        """
        if self._anchor is not None:
            self._anchor.close()
        if self._header is not None:
            self._header.close()
            os.close(self._file)
        self._anchor = self._header = None

    def _map(self) -> None:
        self._anchor = anchor = self._connect()
        anchor.execute("SELECT count(*) FROM site").fetchone()  # opens the log, and with it its index
        name, mode = anchor.execute(
            "SELECT file, journal_mode FROM pragma_database_list, pragma_journal_mode WHERE name = 'main'"
        ).fetchone()
        if mode != "wal" or not name:
            return
        self._file = os.open(name + "-shm", os.O_RDONLY)
        self._header = mmap.mmap(self._file, HEADER, prot=mmap.PROT_READ)
