"""Sealed e-mail addresses, one a comment. Only writing and comparing; opening is `moderation`'s."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import LargeBinary, Select, bindparam, delete, exists, func, insert, select
from sqlalchemy.orm import Session

from commentsvc.storage.prepared import Prepared
from commentsvc.storage.tables import AddressRow, BlockRow, CommentRow


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
    """A sealed address, and the public id of its comment or block, to which it is bound."""

    public_id: str
    sealed: bytes
    lookup: bytes


def oldest_and_newest(session: Session) -> list[StoredAddress]:
    """The first and the last address there are, of comments and of blocks; none in an empty database."""
    rows: Select[*tuple[Any, ...]] = select(CommentRow.public_id, AddressRow.sealed, AddressRow.lookup).join(
        CommentRow, AddressRow.comment_id == CommentRow.id
    )
    blocked: Select[*tuple[Any, ...]] = select(BlockRow.public_id, BlockRow.sealed, BlockRow.lookup).where(
        BlockRow.sealed.is_not(None)
    )
    ends = (
        rows.order_by(AddressRow.comment_id),
        rows.order_by(AddressRow.comment_id.desc()),
        blocked.order_by(BlockRow.id),
        blocked.order_by(BlockRow.id.desc()),
    )
    return [StoredAddress(*row) for end in ends for row in session.execute(end.limit(1))]


def are_sealed_otherwise(session: Session, headers: Sequence[bytes]) -> bool:
    """Whether there is an address, of a comment or a block, that begins with none of *headers*."""
    for sealed in (AddressRow.sealed, BlockRow.sealed):
        others = [func.substr(sealed, 1, len(one), type_=LargeBinary) != one for one in headers]
        if session.scalar(select(exists().where(sealed.is_not(None), *others))):
            return True
    return False


_ADD = Prepared(
    insert(AddressRow).values(
        comment_id=bindparam("comment"), sealed=bindparam("address"), lookup=bindparam("hashed")
    )
)
