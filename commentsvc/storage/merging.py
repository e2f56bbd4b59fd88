"""What two threads that become one need: all their rows, and other places for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime

from sqlalchemy import bindparam, select, update

from commentsvc.records import MergingThread, Moved, Numbered
from commentsvc.storage.repository import Repository
from commentsvc.storage.tables import Base, CommentRow, ThreadRow
from commentsvc.storage.threads import milliseconds

AT_ONCE = 1000  # rows of one call of the driver
_COMMENT = Base.metadata.tables[
    CommentRow.__tablename__
]  # the table itself: many rows at once, as in `loading`
_THREAD = select(*(getattr(ThreadRow, field.name) for field in fields(MergingThread))).where(
    ThreadRow.id == bindparam("thread")
)
_COMMENTS = (
    select(CommentRow.thread_id, CommentRow.id, CommentRow.seq, CommentRow.path, CommentRow.posted_at)
    .where(CommentRow.thread_id == bindparam("thread"))
    .order_by(CommentRow.seq)
)
_OF_THREAD = update(CommentRow).where(CommentRow.thread_id == bindparam("thread"))
_STEP_ASIDE = _OF_THREAD.values(seq=-CommentRow.seq)
_STEP_BACK = _STEP_ASIDE.where(CommentRow.seq < 0)
_MOVE = (
    update(_COMMENT)
    .where(_COMMENT.c.id == bindparam("comment"))
    .values(
        thread_id=bindparam("into"),
        seq=bindparam("number"),
        root_seq=bindparam("root"),
        path=bindparam("place"),
    )
)


class Merging(Repository):
    """Threads that become one; both are locked."""

    def thread(self, thread_id: int) -> MergingThread:
        """The thread in the row of that number."""
        (row,) = self._rows(_THREAD, thread=thread_id)
        return MergingThread(*row)

    def comments(self, thread_id: int) -> list[Numbered]:
        """All comments of that thread, by number."""
        return [Numbered._make(row) for row in self._rows(_COMMENTS, thread=thread_id)]

    def move(self, thread_id: int, moved: Sequence[Moved]) -> None:
        """Give comments their places in that thread."""
        self._run(_STEP_ASIDE, thread=thread_id)  # no two may have one number, not even for a moment
        for start in range(0, len(moved), AT_ONCE):
            rows = [
                {
                    "comment": one.id,
                    "into": thread_id,
                    "number": one.seq,
                    "root": one.root_seq,
                    "place": one.path,
                }
                for one in moved[start : start + AT_ONCE]
            ]
            self._connection.execute(_MOVE, rows)
        self._run(_STEP_BACK, thread=thread_id)

    def close_source(self, source: MergingThread, target: MergingThread, now: datetime) -> None:
        """Let *source* be no more than an older name of *target*, as those are that it had."""
        self._connection.execute(
            update(ThreadRow).where(ThreadRow.moved_to == source.id).values(moved_to=target.id)
        )
        self._connection.execute(
            update(ThreadRow)
            .where(ThreadRow.id == source.id)
            .values(
                moved_to=target.id,
                title=None,
                url=None,
                claimed_title=None,
                claimed_url=None,
                claimed_by=None,
                count=0,
                last_seq=0,
                version=max(source.version + 1, milliseconds(now)),
                pins=[],
                locks=[],
                closes_at=None,
                expired=False,
            )
        )

    def fill_target(
        self,
        source: MergingThread,
        target: MergingThread,
        pins: Sequence[int],
        locks: Sequence[str],
        now: datetime,
    ) -> None:
        """Let *target* count the comments of both, and be called as before, or else as *source* was."""
        claims = target if target.claimed_title or target.claimed_url else source
        self._connection.execute(
            update(ThreadRow)
            .where(ThreadRow.id == target.id)
            .values(
                title=target.title or source.title,
                url=target.url or source.url,
                claimed_title=claims.claimed_title,
                claimed_url=claims.claimed_url,
                claimed_by=claims.claimed_by,
                count=target.count + source.count,
                last_seq=target.last_seq + source.last_seq,
                version=max(target.version + 1, source.version + 1, milliseconds(now)),
                pins=list(pins),
                locks=list(locks),
            )
        )
