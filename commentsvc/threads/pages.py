"""A page of a thread: pinned roots stand first, each with its replies, then the others in their order.

A comment is at one place, whatever is pinned: where a page begins is found from the comment before it, and what
follows is a few ranges of one index.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from commentsvc.model import Order
from commentsvc.records import PublicRow, StoredThread
from commentsvc.storage.unit_of_work import UnitOfWork
from commentsvc.threads.places import MAX_SEQ

MAX_PINS = 50  # of a thread: a page may look into a range for each


@dataclass(frozen=True, slots=True)
class UnderRoot:
    """The comments under one root that follow *path*, that of the root included if *including*."""

    root: int
    path: str = ""
    including: bool = True


@dataclass(frozen=True, slots=True)
class Between:
    """The roots between two numbers, each with its replies."""

    low: int
    high: int


def page(
    work: UnitOfWork,
    thread: StoredThread,
    order: Order,
    limit: int,
    after: tuple[int, str] | None,
    *,
    including: bool = False,
) -> list[PublicRow]:
    """The shown comments of *thread* that follow *after* (a root's number and a path), its own included if *including*."""
    if not thread.pins:
        return work.public_comments.page(thread.id, order, limit, after, including=including)
    rows: list[PublicRow] = []
    for part in ranges(thread.pins, order, after, including=including):
        left = limit - len(rows)
        if not left:
            break
        if isinstance(part, Between):
            rows += work.public_comments.roots_between(thread.id, order, part.low, part.high, left)
        else:
            place = (part.root, part.path)
            rows += work.public_comments.rest_of_root(thread.id, place, left, including=part.including)
    return rows


def ranges(
    pins: Sequence[int], order: Order, after: tuple[int, str] | None, *, including: bool = False
) -> Iterator[UnderRoot | Between]:
    """What follows *after*, in the order in which it is shown."""
    following, behind = pins, None
    if after is not None:
        root, path = after
        yield UnderRoot(root, path, including)
        if root in pins:
            following = pins[pins.index(root) + 1 :]
        else:
            following, behind = (), root
    yield from (UnderRoot(pin) for pin in following)
    yield from _others(pins, order, behind)


def _others(pins: Sequence[int], order: Order, behind: int | None) -> Iterator[Between]:
    """The roots that are not pinned, in the gaps between those that are; only those that follow the root *behind*."""
    bounds = sorted({0, *pins, MAX_SEQ + 1} | ({behind} if behind is not None else set()))
    gaps = [Between(low, high) for low, high in pairwise(bounds) if high - low > 1]
    if order is Order.OLDEST:
        return iter([gap for gap in gaps if behind is None or gap.low >= behind])
    return reversed([gap for gap in gaps if behind is None or gap.high <= behind])
