"""The counts of what a format gives, where a file cannot tell all of them."""

from __future__ import annotations

from collections.abc import Iterable

from commentsvc.transfer import ForeignComment, ForeignThread
from tests.transfer.counting import counts


def counted(
    records: Iterable[ForeignThread | ForeignComment], knows: frozenset[str] | None = None
) -> dict[str, int | None]:
    """Give all counts of *records*; those outside *knows* are None."""
    threads: list[ForeignThread] = []
    comments: list[ForeignComment] = []
    for record in records:
        if isinstance(record, ForeignThread):
            threads.append(record)
        else:
            comments.append(record)
    found = counts(threads, comments)
    return {name: count if knows is None or name in knows else None for name, count in found.items()}
