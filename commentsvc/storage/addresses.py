"""Sealed e-mail addresses, one a comment. Only writing and comparing; opening is `moderation`'s."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from commentsvc.storage.tables import AddressRow


def add(session: Session, comment_id: int, sealed: bytes, lookup: bytes) -> None:
    """Keep the sealed address of a comment."""
    session.add(AddressRow(comment_id=comment_id, sealed=sealed, lookup=lookup))


def lookup_of(session: Session, comment_id: int) -> bytes | None:
    """The keyed hash of a comment's address."""
    return session.scalar(select(AddressRow.lookup).where(AddressRow.comment_id == comment_id))


def erase(session: Session, comment_id: int) -> None:
    """Forget the address of a comment."""
    session.execute(delete(AddressRow).where(AddressRow.comment_id == comment_id))
