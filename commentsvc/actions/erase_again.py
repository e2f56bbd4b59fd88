"""Erase from a backup that is being restored who was erased since it was made.

The list has no addresses, so each that is in the backup is opened and compared: some ten seconds for a million.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime

from commentsvc.actions.erase_person import end_of_second, erase_beside, erase_comments
from commentsvc.actions.erased_list import ErasedLine
from commentsvc.moderation.addresses import AT_ONCE, digests_of
from commentsvc.privacy.keys import AddressKeys
from commentsvc.records import Holder, StoredAddress, StoredComment
from commentsvc.storage.unit_of_work import UnitOfWork

BESIDE = (Holder.BLOCK, Holder.RULE, Holder.REPORT)

Begin = Callable[[], AbstractContextManager[UnitOfWork]]


def erase_again(begin: Begin, lines: Iterable[ErasedLine], all_keys: Sequence[AddressKeys]) -> None:
    """Erase what *lines* say, as far as it is of then.

    :param begin: begins a unit of work on the backup.
    :param all_keys: those that open its addresses, and others under which the lines may have been written.
    """
    by_digest: dict[str, list[ErasedLine]] = {}
    for line in lines:
        for digest in line.person.values():
            by_digest.setdefault(digest, []).append(line)
    for holder in (Holder.COMMENT, *BESIDE):
        after = 0
        while (last := _part(begin, holder, after, by_digest, all_keys)) is not None:
            after = last


def _part(
    begin: Begin,
    holder: Holder,
    after: int,
    by_digest: dict[str, list[ErasedLine]],
    all_keys: Sequence[AddressKeys],
) -> int | None:
    """Look at some addresses behind row *after*; give the last row, or None where there was none."""
    with begin() as work:
        rows = work.addresses.some(holder, after, AT_ONCE)
        meant = [(row, found) for row in rows if (found := _lines_of(row, by_digest, all_keys))]
        if holder is Holder.COMMENT:
            _erase_comments(work, meant)
        for row, found in meant:
            for line in found:
                by = (row.lookup, row.lookup)
                erase_beside(work, by, _site_id(work, line), end_of_second(line.at))
    return rows[-1].row_id if rows else None


def _lines_of(
    row: StoredAddress, by_digest: dict[str, list[ErasedLine]], all_keys: Sequence[AddressKeys]
) -> list[ErasedLine]:
    return [line for digest in digests_of(row, *all_keys) for line in by_digest.get(digest, ())]


def _erase_comments(work: UnitOfWork, meant: Iterable[tuple[StoredAddress, list[ErasedLine]]]) -> None:
    now = datetime.now(UTC)
    by_kind: dict[bool, list[StoredComment]] = {True: [], False: []}
    for row, found in meant:
        comment = work.comments.by_id(row.row_id)
        of_then = [
            line
            for line in found
            if not end_of_second(line.at) < comment.posted_at <= now and _is_on(work, line, comment.site_id)
        ]
        if of_then:
            by_kind[all(line.keep_text for line in of_then)].append(comment)
    for keep_text, comments in by_kind.items():
        erase_comments(work, comments, now, keep_text=keep_text)


def _is_on(work: UnitOfWork, line: ErasedLine, site_id: int) -> bool:
    return line.site is None or _site_id(work, line) == site_id


def _site_id(work: UnitOfWork, line: ErasedLine) -> int | None:
    """The row of the line's site; one that is not there has no row: then nothing is meant, never all."""
    if line.site is None:
        return None
    site = work.sites.by_slug(line.site)
    return -1 if site is None else site.id
