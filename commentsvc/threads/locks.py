"""Branches of a thread to which nobody may reply any more."""

from __future__ import annotations

from collections.abc import Sequence

from commentsvc.records import Parent, StoredThread
from commentsvc.storage.unit_of_work import UnitOfWork
from commentsvc.threads.places import SEGMENT

MAX_LOCKS = 500  # of a thread: each post looks through them


def is_under_lock(work: UnitOfWork, thread: StoredThread, parent: Parent) -> bool:
    """Whether *parent* is locked, or answers something that is, through however many others."""
    if any(parent.path.startswith(lock) for lock in thread.locks):
        return True
    beside = _beside(thread.locks, parent.path)
    return bool(beside) and work.comments.answers_through(parent.id, beside)


def _beside(locks: Sequence[str], path: str) -> list[str]:
    """The locks that stand beside *path*, or beside what it stands below.

    At what is, or was, the last level that is where answers of answers stand.
    """
    return [lock for lock in locks if len(lock) <= len(path) and path.startswith(lock[:-SEGMENT])]
