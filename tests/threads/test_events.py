"""What is told of a comment that becomes public or ceases to be: once for each change, and of no other."""

from __future__ import annotations

from dataclasses import replace

from commentsvc.model import State
from commentsvc.records import NewComment, StoredComment
from commentsvc.storage.unit_of_work import UnitOfWork
from commentsvc.threads import lifecycle
from commentsvc.threads.lifecycle import BecamePublic, CeasedToBePublic
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


def added(work: UnitOfWork, comment: NewComment) -> lifecycle.Events:
    thread = work.threads.open_for_writing(SITE, "a")
    return lifecycle.add(work, thread, None, comment, DEPTH, NOW).events


def stored(work: UnitOfWork) -> StoredComment:
    comment = work.comments.by_public_id("c-1")
    assert comment is not None
    return comment


def state_of_thread(work: UnitOfWork) -> tuple[int, int]:
    thread = work.threads.find(SITE, "a")
    assert thread is not None
    return thread.count, thread.version


def test_each_change_is_told_once(service: InProcess) -> None:
    with service.ours.unit_of_work() as work:
        posted = added(work, COMMENT)
        thread = stored(work).thread_id
        held = lifecycle.change_state(work, stored(work), State.PENDING, NOW)
        spam = lifecycle.change_state(work, stored(work), State.SPAM, NOW)
        back = lifecycle.change_state(work, stored(work), State.APPROVED, NOW)
        again = lifecycle.change_state(work, stored(work), State.APPROVED, NOW)
        erased = lifecycle.erase(work, stored(work), NOW)

    assert posted == back == (BecamePublic(SITE, thread, "c-1", NOW),)
    assert held == erased == (CeasedToBePublic(SITE, thread, "c-1", NOW),)
    assert spam == again == ()


def test_what_waits_is_not_told_of_and_leaves_the_thread_as_it_is(service: InProcess) -> None:
    with service.ours.unit_of_work() as work:
        assert added(work, replace(COMMENT, state=State.PENDING)) == ()
        assert state_of_thread(work) == (0, 0)
        events = lifecycle.change_state(work, stored(work), State.APPROVED, NOW)
        count, version = state_of_thread(work)

    assert [type(event) for event in events] == [BecamePublic]
    assert (count, version > 0) == (1, True)
