"""Whether the audit log is whole: every entry as it was written, none missing, none added in between."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from commentsvc.records import LogLine
from commentsvc.storage.chain import entry_hash, words_digest
from commentsvc.storage.unit_of_work import UnitOfWork

READ_AT_ONCE = 1000  # entries


@dataclass(frozen=True, slots=True)
class Whole:
    """An audit log that is whole.

    `hash` is that of its newest entry, `gone_at` when the newest was written that is gone by its age, and `waiting` how
    many lines of an older program have no place in the chain yet.
    """

    entries: int
    hash: str
    gone_at: datetime | None
    waiting: int


@dataclass(frozen=True, slots=True)
class Broken:
    """The first entry that is wrong, and what is wrong with it, in English."""

    fault: str


def verify(work: UnitOfWork, head: str | None) -> Whole | Broken:
    """Look at every entry of the audit log; it grows with their number, 10,000 take some 0.2 s.

    :param head: the hash of an entry that was noted outside the database: it must be there still.
    """
    ends = work.chain.ends()
    position, last, newest = ends.gone_position, ends.gone_hash, None
    is_head_there = head in {None, last}
    for line in _entries(work, position):
        position += 1
        if fault := _fault(position, last, line):
            return Broken(fault)
        last, newest = line.hash or "", line
        is_head_there = is_head_there or last == head
    if (position, last) != (ends.position, ends.hash):
        return Broken(f"{_behind(newest)} is missing: the log ended with number {ends.position}.")
    if not is_head_there:
        older = " It may also be older than what the log still holds." if ends.gone_position else ""
        return Broken(f"{_behind(newest)} was cut off: no entry has the hash {head}.{older}")
    return Whole(position - ends.gone_position, last, ends.gone_at, work.chain.count_new())


def _entries(work: UnitOfWork, position: int) -> Iterator[LogLine]:
    while lines := work.chain.after(position, READ_AT_ONCE):
        yield from lines
        position = lines[-1].position or 0


def _fault(position: int, last: str, line: LogLine) -> str | None:
    """What is wrong with the entry that should stand at that position, behind the entry of the hash *last*."""
    if line.position != position:
        return f"{_name(line)} does not follow: number {position} is missing before it."
    if line.hash != entry_hash(last, line.content):
        return f"{_name(line)} is not as it was written."
    if line.reason is not None and not _is_reason_true(line, line.reason):
        return f"{_name(line)} has another reason than was written."
    return None


def _is_reason_true(line: LogLine, reason: str) -> bool:
    """Whether the words beside the chain are those that it holds the digest of; erased ones are no matter."""
    digest = line.content["what"].get("reason_digest")
    return line.salt is not None and words_digest(line.salt, reason) == digest


def _behind(newest: LogLine | None) -> str:
    return "All of the log" if newest is None else f"{_name(newest)} is the last: what came after it"


def _name(line: LogLine) -> str:
    content = line.content
    return f"Entry {content['id']} (number {line.position}, {content['at']}, {content['kind']})"
