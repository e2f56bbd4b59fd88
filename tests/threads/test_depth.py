"""Replies hang at most `MAX_DEPTH` levels deep; what is deeper lines up by time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest

from tests.conftest import MakeService
from tests.people import Reader
from tests.running_service import InProcess

Restart = Callable[..., Reader]


@pytest.fixture
def restarted() -> Iterator[Restart]:
    """Opens a service's data again under other settings, and gives a reader of it."""
    with ExitStack() as opened:

        def restart(service: InProcess, **settings: str) -> Reader:
            again = opened.enter_context(closing(service.restarted(**settings)))
            return again.reader()

        yield restart


def chain(reader: Reader, length: int, parent: str | None = None, name: str = "c") -> list[str]:
    """Post comments of which each answers the one before; give their ids."""
    ids: list[str] = []
    for number in range(length):
        parent = reader.comment("a-1", f"{name}{number}", parent=parent)
        ids.append(parent)
    return ids


def shape(reader: Reader, order: str = "oldest") -> list[tuple[str, int, int]]:
    """What the thread looks like: text, depth and replies of each comment."""
    comments = reader.thread("a-1", order=order)["comments"]
    return [(c["html"][3:-4], c["depth"], c["replies"]) for c in comments]


def test_a_conversation_is_six_levels_deep_unless_told(reader: Reader) -> None:
    chain(reader, 8)

    assert [depth for _, depth, _ in shape(reader)] == [0, 1, 2, 3, 4, 5, 5, 5]


def test_replies_at_the_last_level_line_up_by_time(make_service: MakeService) -> None:
    reader = make_service(MAX_DEPTH="2").reader()
    root = reader.comment("a-1", "root")
    early = reader.comment("a-1", "early", parent=root)
    late = reader.comment("a-1", "late", parent=root)
    to_late = reader.comment("a-1", "to late", parent=late)
    reader.comment("a-1", "to early", parent=early)
    reader.comment("a-1", "to that", parent=to_late)

    shown = reader.thread("a-1")["comments"]

    assert shape(reader) == [
        ("root", 0, 5),
        ("early", 1, 1),
        ("late", 1, 1),
        ("to late", 1, 1),
        ("to early", 1, 0),
        ("to that", 1, 0),
    ]
    assert [c["parent"] for c in shown] == [None, root, root, late, early, to_late]


def test_with_one_level_all_comments_are_roots_and_know_whom_they_answer(make_service: MakeService) -> None:
    reader = make_service(MAX_DEPTH="1").reader()
    first, second, _ = chain(reader, 3)

    assert shape(reader) == [("c0", 0, 1), ("c1", 0, 1), ("c2", 0, 0)]
    assert shape(reader, "newest") == [("c2", 0, 0), ("c1", 0, 1), ("c0", 0, 1)]
    assert [c["parent"] for c in reader.thread("a-1")["comments"]] == [None, first, second]


def test_a_removed_comment_at_the_last_level_keeps_its_place_for_its_answer(
    make_service: MakeService,
) -> None:
    service = make_service(MAX_DEPTH="2")
    reader, moderator = service.reader(), service.moderator()
    _, answered, answer = chain(reader, 3)
    alone = reader.comment("a-1", "alone", parent=answered)

    moderator.decide("trash", answered, alone)

    shown = reader.thread("a-1")["comments"]
    assert [(c["id"], c["removed"], c["replies"]) for c in shown[1:]] == [
        (answered, True, 1),
        (answer, False, 0),
    ]


def test_lowering_the_depth_leaves_old_comments_where_they_are(
    make_service: MakeService, restarted: Restart
) -> None:
    service = make_service(MAX_DEPTH="4")
    ids = chain(service.reader(), 4)

    reader = restarted(service, MAX_DEPTH="2")
    reader.comment("a-1", "new, to the deepest", parent=ids[3])
    reader.comment("a-1", "new, to the root", parent=ids[0])

    assert shape(reader) == [
        ("c0", 0, 5),
        ("c1", 1, 2),
        ("c2", 2, 1),
        ("c3", 3, 1),
        ("new, to the deepest", 1, 0),
        ("new, to the root", 1, 0),
    ]


def test_raising_the_depth_lets_new_replies_stand_deeper(
    make_service: MakeService, restarted: Restart
) -> None:
    service = make_service(MAX_DEPTH="2")
    ids = chain(service.reader(), 3)

    reader = restarted(service, MAX_DEPTH="4")
    under = reader.comment("a-1", "below", parent=ids[2])
    reader.comment("a-1", "further below", parent=under)

    assert shape(reader) == [
        ("c0", 0, 4),
        ("c1", 1, 1),
        ("c2", 1, 2),
        ("below", 2, 1),
        ("further below", 3, 0),
    ]


def test_removing_after_a_change_of_depth_takes_the_counts_back(
    make_service: MakeService, restarted: Restart
) -> None:
    service = make_service(MAX_DEPTH="3")
    ids = chain(service.reader(), 3)
    reader, moderator = restarted(service, MAX_DEPTH="2"), service.moderator()
    beside = reader.comment("a-1", "beside", parent=ids[2])

    moderator.decide("trash", beside, ids[2])
    without = shape(reader)
    moderator.decide("approve", beside)

    assert without == [("c0", 0, 1), ("c1", 1, 0)]
    assert shape(reader) == [("c0", 0, 2), ("c1", 1, 0), ("", 2, 1), ("beside", 1, 0)]
