"""Plain forms that made a comment a short while ago, by a keyed hash of what they held.

A form is remembered in the transaction of its comment, and looked for under the lock of its thread.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Integer, bindparam, delete, select

from commentsvc.storage.repository import Repository
from commentsvc.storage.tables import CommentRow, SentFormRow

_COMMENT_OF = (
    select(SentFormRow.comment_id)
    .join(CommentRow, CommentRow.id == SentFormRow.comment_id)
    .where(
        SentFormRow.digest == bindparam("content"),
        SentFormRow.expires_at > bindparam("now"),
        CommentRow.erased_at.is_(None),
    )
)
_FORGET = delete(SentFormRow).where(SentFormRow.digest == bindparam("content"))
_ENDED = (
    select(SentFormRow.digest)
    .where(SentFormRow.expires_at <= bindparam("now"))
    .limit(bindparam("most", type_=Integer))
)
_SWEEP = delete(SentFormRow).where(SentFormRow.digest.in_(_ENDED)).returning(SentFormRow.digest)


class SentForms(Repository):
    """Plain forms that made a comment a short while ago."""

    def comment_of(self, digest: bytes, now: datetime) -> int | None:
        """The row of the comment that such a form made, if it did so shortly before *now* and it was not erased."""
        row = self._first(_COMMENT_OF, content=digest, now=now)
        return None if row is None else int(row[0])

    def remember(self, digest: bytes, comment_id: int, expires_at: datetime) -> None:
        """Say that such a form made that comment, until *expires_at*; what was said before is forgotten."""
        self._run(_FORGET, content=digest)
        self._insert(SentFormRow, digest=digest, comment_id=comment_id, expires_at=expires_at)

    def sweep(self, now: datetime, limit: int) -> int:
        """Forget forms that have ended, *limit* at most; give how many."""
        return len(self._rows(_SWEEP, now=now, most=limit))
