"""Two threads become one: its comments are numbered again by time, so their places change, and their ids stay.

All of it is one transaction: whatever ends it early, nothing was done. Who posts at that time waits for the lock of the
thread, and then finds the one that it was moved to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import merge as in_order
from typing import NamedTuple

from commentsvc.records import Moved, Numbered
from commentsvc.storage.unit_of_work import UnitOfWork
from commentsvc.threads.pages import MAX_PINS
from commentsvc.threads.places import SEGMENT, decode, encode

_ARRIVING = 0  # no thread's row


@dataclass(frozen=True, slots=True)
class Merged:
    """Comments in their new places, and by thread their new numbers by the older ones."""

    moved: list[Moved]
    numbers: dict[int, dict[int, int]]


class _Next(NamedTuple):
    """What orders comments of two threads: a thread stays in its own order, whatever the clock did then."""

    at: datetime
    turn: int
    seq: int
    comment: Numbered


def merge(work: UnitOfWork, source: int, target: int, now: datetime) -> int:
    """Merge the thread in the row *source* into *target*; give how many comments that has then.

    Both are locked. Nothing is done where *source* is no thread of its own any more.
    """
    first, second = sorted((source, target))
    work.threads.lock_row(first)
    work.threads.lock_row(second)
    old, new = work.merging.thread(source), work.merging.thread(target)
    if old.moved_to is not None or source == target:
        return 0
    if new.moved_to is not None:
        return merge(work, source, new.moved_to, now)
    merged = renumbered(work.merging.comments(target), work.merging.comments(source))
    work.merging.move(target, merged.moved)
    numbers = merged.numbers
    pins = [pin for one in (new, old) for pin in _moved_pins(one.pins, numbers[one.id])][:MAX_PINS]
    locks = [lock for one in (new, old) for lock in _moved_locks(one.locks, numbers[one.id])]
    work.follows.move(source, target)
    work.events.move(source, target)
    work.merging.close_source(old, new, now)
    work.merging.fill_target(old, new, pins, locks, now)
    return len(numbers[source]) + len(numbers[target])


def renumbered(target: Sequence[Numbered], source: Sequence[Numbered]) -> Merged:
    """Number the comments of both, each in the order of its numbers, from one on by time.

    What has another place than before is `moved`; where two came at once, that of *target* comes first.
    """
    numbers: dict[int, dict[int, int]] = defaultdict(dict)
    moved = []
    together = in_order(_by_time(target, 0), _by_time(source, 1))
    for number, (*_, comment) in enumerate(together, start=1):
        own = numbers[comment.thread_id]
        own[comment.seq] = number
        path = moved_path(comment.path, own)
        if target and comment.thread_id == target[0].thread_id and path == comment.path:
            continue
        moved.append(Moved(comment.id, number, decode(path[:SEGMENT]), path))
    return Merged(moved, numbers)


class Arriving(NamedTuple):
    """A comment that is to stand by its time: it answers number *under* of those that arrive, or the one in *row*."""

    at: datetime
    under: int | None = None
    row: int | None = None


class Room(NamedTuple):
    """Places for comments that arrive: *free* are their numbers, *moved* and *numbers* what that does to the others."""

    free: list[int]
    moved: list[Moved]
    numbers: dict[int, int]


def make_room(there: Sequence[Numbered], arriving: Sequence[Arriving]) -> Room:
    """Number those that are *there* and those that arrive by time, an answer after what it answers."""
    since: dict[int, datetime] = {}
    latest = None
    for comment in there:
        latest = comment.posted_at if latest is None else max(latest, comment.posted_at)
        since[comment.id] = latest
    times: list[datetime] = []
    for at, under, row in arriving:
        above = times[under] if under is not None else since.get(row, at) if row is not None else at
        times.append(max(at, above))
    order = sorted(range(len(times)), key=times.__getitem__)  # stable: who is answered comes first
    source = [
        Numbered(_ARRIVING, -1 - index, number, encode(number), times[index])
        for number, index in enumerate(order, start=1)
    ]
    merged = renumbered(there, source)
    numbers = merged.numbers[_ARRIVING]
    free = [0] * len(times)
    for number, index in enumerate(order, start=1):
        free[index] = numbers[number]
    others = merged.numbers[there[0].thread_id] if there else {}
    return Room(free, [one for one in merged.moved if one.id > 0], others)


def renumber(work: UnitOfWork, thread_id: int, room: Room) -> None:
    """Give the comments of a thread, which is locked, the places that leave *room*; pins and locks go with them."""
    thread = work.merging.thread(thread_id)
    work.merging.move(thread_id, room.moved)
    pins = _moved_pins(thread.pins, room.numbers)
    locks = _moved_locks(thread.locks, room.numbers)
    if (pins, locks) != (list(thread.pins), list(thread.locks)):
        work.threads.describe(thread_id, pins=pins, locks=locks)


def _moved_pins(pins: Sequence[int], numbers: Mapping[int, int]) -> list[int]:
    """*pins* with the new numbers; one where nothing stands, which an older program left, goes."""
    return [numbers[pin] for pin in pins if pin in numbers]


def _moved_locks(locks: Sequence[str], numbers: Mapping[int, int]) -> list[str]:
    """As `_moved_pins`."""
    return [moved_path(lock, numbers) for lock in locks if decode(lock[-SEGMENT:]) in numbers]


def moved_path(path: str, numbers: Mapping[int, int]) -> str:
    """*path* with the new numbers."""
    return "".join(encode(numbers[decode(path[at : at + SEGMENT])]) for at in range(0, len(path), SEGMENT))


def _by_time(comments: Iterable[Numbered], turn: int) -> Iterator[_Next]:
    return (_Next(comment.posted_at, turn, comment.seq, comment) for comment in comments)
