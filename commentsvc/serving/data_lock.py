"""One service for each data directory: a lock that ends with the last of its processes, however they end."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from commentsvc.errors import BadSetting
from commentsvc.settings import PREFIX

NAME = ".serving"
LONGEST_PID = 20


@contextmanager
def alone_on(data_dir: Path) -> Iterator[None]:
    """Keep every other service off the data directory; commands work beside it. What is forked holds the lock too.

    :raises BadSetting: another service runs on it, or the directory cannot be used.
    """
    lock = _take(data_dir, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(lock)


def share(data_dir: Path) -> None:
    """Keep “commentsvc serve” off it, as one of the processes of another WSGI server, which do not know each other.

    :raises BadSetting: it runs there, or the directory cannot be used.
    """
    _take(data_dir, fcntl.LOCK_SH)


def _take(data_dir: Path, how: int) -> int:
    """Give the file that holds the lock for as long as it is open."""
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(data_dir / NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as why:
        raise BadSetting(f"The data directory {data_dir} cannot be used: {why.strerror}.") from None
    try:
        fcntl.flock(lock, how | fcntl.LOCK_NB)
    except BlockingIOError:
        process = os.read(lock, LONGEST_PID).decode() or "unknown"
        os.close(lock)
        raise BadSetting(
            f"Another service (process {process}) runs on the data directory {data_dir}. "
            f"Stop it first, or set {PREFIX}DATA_DIR to another."
        ) from None
    os.truncate(lock, 0)
    os.pwrite(lock, str(os.getpid()).encode(), 0)
    return lock
