"""Sealed e-mail addresses, one a comment. Only writing and comparing; opening is `moderation`'s."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.orm import Session

from commentsvc.storage.prepared import Prepared
from commentsvc.storage.tables import AddressRow, CommentRow


def add(session: Session, comment_id: int, sealed: bytes, lookup: bytes) -> None:
    """Keep the sealed address of a comment."""
    _ADD.rows(session, comment=comment_id, address=sealed, hashed=lookup)


def lookup_of(session: Session, comment_id: int) -> bytes | None:
    """The keyed hash of a comment's address."""
    return session.scalar(select(AddressRow.lookup).where(AddressRow.comment_id == comment_id))


def erase(session: Session, comment_id: int) -> None:
    """Forget the address of a comment."""
    session.execute(delete(AddressRow).where(AddressRow.comment_id == comment_id))


@dataclass(frozen=True, slots=True)
class StoredAddress:
    """A sealed address, and the public id of its comment, to which it is bound."""

    public_id: str
    sealed: bytes
    lookup: bytes


def oldest_and_newest(session: Session) -> list[StoredAddress]:
    """The first and the last address there are; none in an empty database."""
    rows = select(CommentRow.public_id, AddressRow.sealed, AddressRow.lookup).join(
        CommentRow, AddressRow.comment_id == CommentRow.id
    )
    ends = (rows.order_by(AddressRow.comment_id), rows.order_by(AddressRow.comment_id.desc()))
    return [StoredAddress(*row) for end in ends for row in session.execute(end.limit(1))]


_ADD = Prepared(
    insert(AddressRow).values(
        comment_id=bindparam("comment"), sealed=bindparam("address"), lookup=bindparam("hashed")
    )
)
