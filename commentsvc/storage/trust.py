"""Whom comments that were vouched for speak for: who sends the same author key and types the same address."""

from __future__ import annotations

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from commentsvc.storage.prepared import Prepared
from commentsvc.storage.tables import AddressRow, CommentRow


def is_trusted(
    session: Session, site_id: int, author_id: str, lookup: bytes | None, *, besides: int = 0
) -> bool:
    """Whether a comment of that author on that site, under that address, was vouched for.

    :param besides: the row number of a comment that does not count, as it cannot vouch for itself.
    """
    found = _VOUCHED.first(session, site=site_id, author=author_id, hashed=lookup, besides=besides)
    return found is not None


def withdraw(session: Session, site_id: int, author_id: str) -> None:
    """End all trust in that author on that site."""
    _WITHDRAW.rows(session, site=site_id, author=author_id)


_OF_AUTHOR = (
    CommentRow.site_id == bindparam("site"),
    CommentRow.author_id == bindparam("author"),
    CommentRow.vouched,
)
_VOUCHED = Prepared(
    select(CommentRow.id)
    .join(AddressRow, AddressRow.comment_id == CommentRow.id)
    .where(*_OF_AUTHOR, AddressRow.lookup == bindparam("hashed"), CommentRow.id != bindparam("besides"))
    .limit(1)
)
_WITHDRAW = Prepared(update(CommentRow).where(*_OF_AUTHOR).values(vouched=False))
