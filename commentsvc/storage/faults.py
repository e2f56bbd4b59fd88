"""Whose fault an error is: the database's or the machine's, which passes, or the program's."""

from __future__ import annotations

import errno
import sqlite3

from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    NotSupportedError,
    ProgrammingError,
    TimeoutError,
)

# The machine has no more files, memory or room, or its disk fails.
OF_MACHINE = {
    errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOSPC, errno.EROFS,
}  # fmt: skip
# What PostgreSQL calls errors of a statement though its administrator made them, and can mend them: no right, no
# such table, schema or prepared statement (which a pooler lost). PostgreSQL, appendix A.
OF_SERVER = {"26000", "3F000", "42501", "42P01", "42P05"}
# Of a server that takes no writes: read_only_sql_transaction, and what it says to who begins one that writes while it
# recovers (feature_not_supported, cannot_connect_now).
OF_STANDBY = {"25006", "0A000", "57P03"}
STANDBY = "it is a standby, which takes no writes; promote it, or name the primary in COMMENTSVC_DATABASE_URL"
OF_PROGRAM = (DataError, IntegrityError, ProgrammingError)


def is_of_database(error: BaseException) -> bool:
    """Whether the database is out, full, damaged or busy: the same may go well in a moment."""
    if isinstance(error, DBAPIError):
        state = getattr(error.orig, "sqlstate", None)  # SQLite's errors and the drivers' own have none
        if state in OF_SERVER:
            return True
        if isinstance(error, NotSupportedError):  # by the server's state: a standby cannot begin to write
            return state is not None
        return not isinstance(error, OF_PROGRAM)
    return isinstance(error, (TimeoutError, sqlite3.OperationalError)) or type(error) is sqlite3.DatabaseError


def is_of_standby(error: DBAPIError) -> bool:
    """Whether the server takes no writes, as it is a standby or recovers."""
    return getattr(error.orig, "sqlstate", None) in OF_STANDBY


def is_read_only(error: DBAPIError) -> bool:
    """Whether SQLite may not write to a file: it opens one for reading then, and the connection stays so."""
    return str(getattr(error.orig, "sqlite_errorname", "")).startswith("SQLITE_READONLY")


def is_of_machine(error: BaseException) -> bool:
    """Whether the machine is short of something that it may have again in a moment."""
    return isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno in OF_MACHINE)


def in_one_line(error: DBAPIError) -> str:
    """What the database says; libpq takes several lines, and a standby speaks of transactions."""
    if getattr(error.orig, "sqlstate", None) in {"25006", "0A000"}:
        return STANDBY
    return " ".join(str(error.orig).split())
