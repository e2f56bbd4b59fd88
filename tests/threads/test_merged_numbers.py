"""Two threads are numbered anew by time, and no answer comes before what it answers, whatever a clock said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commentsvc.records import Moved, Numbered
from commentsvc.threads.merging import renumbered
from commentsvc.threads.places import place

pytestmark = pytest.mark.unit

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
Posted = list[tuple[int, int]]
"""Of each comment: the minute when it was posted, and how many comments back is the one that it answers; 0 for none."""


def thread(number: int, posted: Posted) -> list[Numbered]:
    comments: list[Numbered] = []
    for seq, (minute, back) in enumerate(posted, start=1):
        under = comments[seq - 1 - back].path if 0 < back < seq else ""
        path = place(seq, under, 3).path
        comments.append(Numbered(number, number * 100 + seq, seq, path, NOON + timedelta(minutes=minute)))
    return comments


def test_they_stand_by_time_with_their_replies() -> None:
    one = thread(1, [(0, 0), (2, 1), (5, 0)])
    two = thread(2, [(1, 0), (3, 1), (4, 2)])

    moved = {comment.id: comment for comment in renumbered(one, two).moved}

    assert {id: comment.seq for id, comment in moved.items()} == {102: 3, 103: 6, 201: 2, 202: 4, 203: 5}
    assert moved[102] == Moved(102, 3, 1, "000001000003")
    assert moved[202].path == "000002000004"


minutes = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3)), max_size=12)


@given(minutes, minutes)
def test_each_keeps_its_own_order_and_replies_their_ancestors(first: Posted, second: Posted) -> None:
    one, two = thread(1, first), thread(2, second)

    merged = renumbered(one, two)

    moved = {comment.id: comment for comment in merged.moved}
    for before in (one, two):
        numbers = merged.numbers.get(before[0].thread_id, {}) if before else {}
        assert sorted(numbers.values()) == list(numbers.values()), "its own order"
        for comment in before:
            path = moved[comment.id].path if comment.id in moved else comment.path
            assert len(path) == len(comment.path)
            assert path == "".join(
                f"{place(numbers[int(comment.path[at : at + 6], 32)], '', 1).path}"
                for at in range(0, len(path), 6)
            )
    numbers = [number for own in merged.numbers.values() for number in own.values()]
    assert sorted(numbers) == list(range(1, len(one) + len(two) + 1))
