"""Plain forms that made a comment a short while ago, by a keyed hash of what they held.

A form is remembered in the transaction of its comment, and looked for under the lock of its thread.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Integer, bindparam, delete, select
from sqlalchemy.orm import Session

from commentsvc.storage.prepared import Prepared
from commentsvc.storage.tables import CommentRow, SentFormRow


def comment_of(session: Session, digest: bytes, now: datetime) -> int | None:
    """The row of the comment that such a form made, if it did so shortly before *now* and it was not erased."""
    row = _COMMENT_OF.first(session, content=digest, now=now)
    return None if row is None else int(row[0])


def remember(session: Session, digest: bytes, comment_id: int, expires_at: datetime) -> None:
    """Say that such a form made that comment, until *expires_at*; what was said before is forgotten."""
    _FORGET.rows(session, content=digest)
    _REMEMBER.rows(session, content=digest, comment=comment_id, until=expires_at)


def sweep(session: Session, now: datetime, limit: int) -> int:
    """Forget forms that have ended, *limit* at most; give how many."""
    return len(_SWEEP.rows(session, now=now, most=limit))


_COMMENT_OF = Prepared(
    select(SentFormRow.comment_id)
    .join(CommentRow, CommentRow.id == SentFormRow.comment_id)
    .where(
        SentFormRow.digest == bindparam("content"),
        SentFormRow.expires_at > bindparam("now"),
        CommentRow.erased_at.is_(None),
    )
)
_FORGET = Prepared(delete(SentFormRow).where(SentFormRow.digest == bindparam("content")))
_REMEMBER = Prepared(
    lambda insert: insert(SentFormRow).values(
        digest=bindparam("content"), comment_id=bindparam("comment"), expires_at=bindparam("until")
    )
)
_ENDED = (
    select(SentFormRow.digest)
    .where(SentFormRow.expires_at <= bindparam("now"))
    .limit(bindparam("most", type_=Integer))
)
_SWEEP = Prepared(delete(SentFormRow).where(SentFormRow.digest.in_(_ENDED)).returning(SentFormRow.digest))
