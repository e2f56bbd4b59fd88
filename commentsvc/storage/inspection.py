"""All rows, one after another, for `commentsvc doctor`: as they are stored, and never an address or a text."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from commentsvc.model import State
from commentsvc.records import Beside, CommentState, ThreadState
from commentsvc.storage.repository import Repository
from commentsvc.storage.tables import AddressRow, CommentRow, SiteRow, ThreadRow

ROWS_AT_ONCE = 2000


class Inspection(Repository):
    """All rows, one after another."""

    def threads(self) -> Iterator[ThreadState]:
        """All threads, by row number."""
        rows = (
            select(
                ThreadRow.id,
                ThreadRow.site_id,
                SiteRow.slug,
                ThreadRow.article,
                ThreadRow.count,
                ThreadRow.last_seq,
                ThreadRow.version,
                ThreadRow.pins,
                ThreadRow.locks,
                ThreadRow.moved_to,
            )
            .join(SiteRow, ThreadRow.site_id == SiteRow.id)
            .order_by(ThreadRow.id)
        )
        return map(
            ThreadState._make, self._connection.execute(rows.execution_options(yield_per=ROWS_AT_ONCE))
        )

    def comments(self) -> Iterator[CommentState]:
        """All comments, by thread and in the order of their paths."""
        parent = aliased(CommentRow)
        says_something = or_(CommentRow.text != "", CommentRow.html != "", CommentRow.author_name != "")
        rows = (
            select(
                CommentRow.thread_id,
                CommentRow.path,
                CommentRow.id,
                CommentRow.site_id,
                CommentRow.seq,
                CommentRow.root_seq,
                CommentRow.depth,
                CommentRow.state,
                CommentRow.shown,
                CommentRow.public_below,
                CommentRow.erased_at.is_not(None),
                or_(says_something, CommentRow.author_url.is_not(None)),
                AddressRow.comment_id.is_not(None),
                CommentRow.parent_id,
                parent.thread_id,
                parent.seq,
                parent.path,
            )
            .outerjoin(parent, CommentRow.parent_id == parent.id)
            .outerjoin(AddressRow, AddressRow.comment_id == CommentRow.id)
            .order_by(CommentRow.thread_id, CommentRow.path, CommentRow.id)
        )
        return map(
            CommentState._make, self._connection.execute(rows.execution_options(yield_per=ROWS_AT_ONCE))
        )

    def beside(self) -> Iterator[Beside]:
        """The comments with public answers that do not stand below them, in the order of `comments`."""
        parent = aliased(CommentRow)
        key = (parent.thread_id, parent.path, parent.id)
        rows = (
            select(*key, func.count())
            .select_from(CommentRow)
            .join(parent, and_(CommentRow.parent_id == parent.id, CommentRow.thread_id == parent.thread_id))
            .where(
                CommentRow.state == State.APPROVED,
                func.substr(CommentRow.path, 1, func.length(parent.path)) != parent.path,
            )
            .group_by(*key)
            .order_by(*key)
        )
        return map(Beside._make, self._connection.execute(rows.execution_options(yield_per=ROWS_AT_ONCE)))
