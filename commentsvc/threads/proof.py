"""What is true of every thread, proven from its rows in the order of their paths.

One pass; what is kept is the comment looked at and those that it stands under, at most as
many as a thread has levels. The places are explained in `threads.places`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from commentsvc.model import State
from commentsvc.records import Beside, CommentState, ThreadState
from commentsvc.threads.places import MAX_SEQ, SEGMENT, encode


class Fault(StrEnum):
    """Something that must never be, as it is told to an operator."""

    NUMBER = "a path that does not end in the comment's own number"
    PLACE = "a path that does not continue that of the comment answered"
    DEPTH = "a depth that is not the path's"
    ROOT = "a root that is not the path's"
    PARENT = "an answer to a later comment, or to one of another thread"
    SITE = "a comment of another site than its thread"
    BELOW = "a wrong number of public replies"
    SHOWN = "a comment shown or hidden against its state"
    COUNT = "a wrong count of public comments"
    LAST_SEQ = "a last number below that of a comment"
    VERSION = "comments shown under version 0"
    MARK = "a pin or a lock where no such comment is"
    MOVED = "a comment in a thread that was moved"
    ERASED = "an erased comment with a text, a name or an address"


class AnswersBeside:
    """Walks along with the comments: how many public answers each has that stand beside it."""

    def __init__(self, rows: Iterator[Beside]) -> None:
        self._rows = rows
        self._next = next(rows, None)

    def of(self, comment: CommentState) -> int:
        """Give the number for *comment*; comments must come in the order of the rows."""
        here = comment[:3]
        while self._next is not None and self._next[:3] < here:
            self._next = next(self._rows, None)
        return self._next.answers if self._next is not None and self._next[:3] == here else 0


@dataclass(slots=True)
class _Above:
    """A comment whose replies may still come, with the public ones that came."""

    comment: CommentState
    below: int
    beside: int


def faults_of(thread: ThreadState, comments: Iterable[CommentState], beside: AnswersBeside) -> Counter[Fault]:
    """Give what is wrong in *thread*, each with the number of rows where it is.

    :param comments: all comments of the thread by path.
    """
    faults: Counter[Fault] = Counter()
    above: list[_Above] = []
    public = last_seq = shown = 0
    unseen = {*map(encode, thread.pins), *thread.locks}
    for comment in comments:
        while above and not comment.path.startswith(above[-1].comment.path):
            faults.update(_closed(above))
        above.append(_Above(comment, 0, beside.of(comment)))
        faults.update(_misplaced(comment))
        faults.update(_misfiled(comment, thread))
        public += comment.state is State.APPROVED
        shown += comment.shown
        last_seq = max(last_seq, comment.seq)
        unseen.discard(comment.path)
        faults[Fault.MOVED] += thread.moved_to is not None
    while above:
        faults.update(_closed(above))
    if unseen:
        faults[Fault.MARK] += len(unseen)
    if thread.public != public:
        faults[Fault.COUNT] += 1
    if thread.last_seq < last_seq:
        faults[Fault.LAST_SEQ] += 1
    if shown and thread.version <= 0:
        faults[Fault.VERSION] += 1
    return +faults


def _closed(above: list[_Above]) -> Iterator[Fault]:
    """Take the last comment off, all of whose replies have come; the one over it inherits them."""
    done = above.pop()
    is_public = done.comment.state is State.APPROVED
    if above:
        above[-1].below += done.below + is_public
    replies = done.below + done.beside
    if done.comment.public_below != replies:
        yield Fault.BELOW
    if done.comment.shown != (is_public or replies > 0):
        yield Fault.SHOWN


def _misplaced(comment: CommentState) -> Iterator[Fault]:
    path = comment.path
    if path[-SEGMENT:] != _segment(comment.seq):
        yield Fault.NUMBER
    if path[:SEGMENT] != _segment(comment.root_seq):
        yield Fault.ROOT
    if len(path) != SEGMENT * (comment.depth + 1):
        yield Fault.DEPTH
    if comment.parent_id is None:
        if len(path) != SEGMENT:
            yield Fault.PLACE
    elif comment.parent_thread_id != comment.thread_id or (comment.parent_seq or 0) >= comment.seq:
        yield Fault.PARENT
    elif not (comment.parent_path or "").startswith(path[:-SEGMENT]):
        # Cut at the MAX_DEPTH of its time, which nobody knows any more: any cut will do.
        yield Fault.PLACE


def _segment(seq: int) -> str:
    return encode(seq) if 0 < seq <= MAX_SEQ else ""


def _misfiled(comment: CommentState, thread: ThreadState) -> Iterator[Fault]:
    if comment.site_id != thread.site_id:
        yield Fault.SITE
    says_anything = comment.says_something or comment.has_address
    if comment.is_erased and (says_anything or comment.state is not State.TRASH):
        yield Fault.ERASED
