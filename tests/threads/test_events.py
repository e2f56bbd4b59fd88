"""What is written down of a comment that becomes public or ceases to be: once for each change, and of no other."""

from __future__ import annotations

from dataclasses import replace

from commentsvc.model import EventKind, State
from commentsvc.records import NewComment, StoredComment, StoredEvent
from commentsvc.storage.unit_of_work import UnitOfWork
from commentsvc.threads import lifecycle
from tests.databases import on_both
from tests.running_service import InProcess, TestClock

__all__ = ["on_both"]  # found here by the tests

SITE, DEPTH = 1, 6
NOW = TestClock.now
COMMENT = NewComment(
    public_id="c-1", site_id=SITE, state=State.APPROVED, reasons=(), findings=[], author_id="ada",
    author_name="Ada", author_url=None, text="First.", html="<p>First.</p>", rules=1, fingerprint=None,
    posted_at=NOW,
)  # fmt: skip


def add(work: UnitOfWork, comment: NewComment) -> None:
    thread = work.threads.open_for_writing(SITE, "a")
    lifecycle.add(work, thread, None, comment, DEPTH, NOW)


def stored(work: UnitOfWork) -> StoredComment:
    comment = work.comments.by_public_id("c-1")
    assert comment is not None
    return comment


def state_of_thread(work: UnitOfWork) -> tuple[int, int]:
    thread = work.threads.find(SITE, "a")
    assert thread is not None
    return thread.count, thread.version


def told(work: UnitOfWork) -> list[StoredEvent]:
    return work.events.take(100, NOW)


def kinds(work: UnitOfWork) -> list[EventKind]:
    return [event.kind for event in told(work)]


def test_each_change_is_told_once(service: InProcess) -> None:
    with service.ours.unit_of_work() as work:
        add(work, COMMENT)
        posted = told(work)
        thread, row_id = stored(work).thread_id, stored(work).id
        for state, expected in (
            (State.PENDING, [EventKind.GONE, EventKind.HELD]),
            (State.SPAM, [EventKind.HIDDEN]),
            (State.APPROVED, [EventKind.PUBLIC]),
            (State.APPROVED, []),
        ):
            lifecycle.change_state(work, stored(work), state, NOW)
            assert kinds(work) == expected
        lifecycle.erase(work, stored(work), NOW, by="mod")
        erased = told(work)

    assert [(event.kind, event.site_id, event.thread_id, event.comment_id) for event in posted] == [
        (EventKind.PUBLIC, SITE, thread, row_id)
    ]
    assert [(event.kind, event.by, event.data["comment"]) for event in erased] == [
        (EventKind.GONE, "mod", "c-1"),
        (EventKind.HIDDEN, "mod", "c-1"),
    ]


def test_what_waits_leaves_the_thread_as_it_is(service: InProcess) -> None:
    with service.ours.unit_of_work() as work:
        add(work, replace(COMMENT, state=State.PENDING))
        assert kinds(work) == [EventKind.HELD]
        assert state_of_thread(work) == (0, 0)
        lifecycle.change_state(work, stored(work), State.APPROVED, NOW)
        assert kinds(work) == [EventKind.PUBLIC]
        count, version = state_of_thread(work)

    assert (count, version > 0) == (1, True)


def test_nothing_is_told_of_a_transaction_that_fails(service: InProcess) -> None:
    try:
        with service.ours.unit_of_work() as work:
            add(work, COMMENT)
            raise KeyError("the disk is full")
    except KeyError:
        pass
    with service.ours.unit_of_work() as work:
        assert told(work) == []
