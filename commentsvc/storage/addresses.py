"""Sealed e-mail addresses, one a comment. Only writing and comparing; opening is `moderation`'s."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import LargeBinary, Select, bindparam, delete, exists, func, select, update

from commentsvc.records import StoredAddress
from commentsvc.storage.repository import Repository
from commentsvc.storage.tables import AddressRow, BlockRow, CommentRow

_STORED: Select[*tuple[Any, ...]] = select(
    AddressRow.comment_id, CommentRow.public_id, AddressRow.sealed, AddressRow.lookup
).join(CommentRow, AddressRow.comment_id == CommentRow.id)
_BLOCKED: Select[*tuple[Any, ...]] = select(
    BlockRow.id, BlockRow.public_id, BlockRow.sealed, BlockRow.lookup
).where(BlockRow.sealed.is_not(None))
_OF_COMMENT = _STORED.where(AddressRow.comment_id == bindparam("comment"))
_ERASE = delete(AddressRow).where(AddressRow.comment_id == bindparam("comment"))


class Addresses(Repository):
    """Sealed e-mail addresses, one a comment."""

    def add(self, comment_id: int, sealed: bytes, lookup: bytes) -> None:
        """Keep the sealed address of a comment."""
        self._insert(AddressRow, comment_id=comment_id, sealed=sealed, lookup=lookup)

    def of_comment(self, comment_id: int) -> StoredAddress | None:
        """The address of a comment, unless it was erased."""
        row = self._first(_OF_COMMENT, comment=comment_id)
        return None if row is None else StoredAddress(*row)

    def erase(self, comment_id: int) -> None:
        """Forget the address of a comment."""
        self._run(_ERASE, comment=comment_id)

    def oldest_and_newest(self) -> list[StoredAddress]:
        """The first and the last address there are, of comments and of blocks; none in an empty database."""
        ends = (
            _STORED.order_by(AddressRow.comment_id),
            _STORED.order_by(AddressRow.comment_id.desc()),
            _BLOCKED.order_by(BlockRow.id),
            _BLOCKED.order_by(BlockRow.id.desc()),
        )
        return [StoredAddress(*row) for end in ends for row in self._connection.execute(end.limit(1))]

    def of_comments(self, after: int, limit: int) -> list[StoredAddress]:
        """Addresses of comments that were not erased, from behind the row number *after* on, in order."""
        rows = (
            _STORED.where(AddressRow.comment_id > after, CommentRow.erased_at.is_(None))
            .order_by(AddressRow.comment_id)
            .limit(limit)
        )
        return [StoredAddress(*row) for row in self._connection.execute(rows)]

    def of_blocks(self, after: int, limit: int) -> list[StoredAddress]:
        """Addresses of blocks, from behind the row number *after* on, in order."""
        rows = _BLOCKED.where(BlockRow.id > after).order_by(BlockRow.id).limit(limit)
        return [StoredAddress(*row) for row in self._connection.execute(rows)]

    def reseal_comment(self, before: StoredAddress, sealed: bytes, lookup: bytes) -> bool:
        """Store an address of a comment sealed again, unless it was erased or sealed again since; give whether."""
        change = update(AddressRow).where(
            AddressRow.comment_id == before.row_id, AddressRow.sealed == before.sealed
        )
        return self._connection.execute(change.values(sealed=sealed, lookup=lookup)).rowcount > 0

    def reseal_block(self, before: StoredAddress, sealed: bytes, lookup: bytes) -> bool:
        """The same of a block."""
        change = update(BlockRow).where(BlockRow.id == before.row_id, BlockRow.sealed == before.sealed)
        return self._connection.execute(change.values(sealed=sealed, lookup=lookup)).rowcount > 0

    def count(self) -> int:
        """How many there are, of comments and of blocks."""
        comments = select(func.count()).select_from(AddressRow)
        blocks = select(func.count()).select_from(BlockRow).where(BlockRow.sealed.is_not(None))
        return (self._connection.scalar(comments) or 0) + (self._connection.scalar(blocks) or 0)

    def count_beginning(self, header: bytes) -> int:
        """How many of them begin with *header*. Looks at every one."""
        total = 0
        for sealed in (AddressRow.sealed, BlockRow.sealed):
            begins = func.substr(sealed, 1, len(header), type_=LargeBinary) == header
            total += self._connection.scalar(select(func.count()).where(begins)) or 0
        return total

    def are_sealed_otherwise(self, headers: Sequence[bytes]) -> bool:
        """Whether there is an address, of a comment or a block, that begins with none of *headers*."""
        for sealed in (AddressRow.sealed, BlockRow.sealed):
            others = [func.substr(sealed, 1, len(one), type_=LargeBinary) != one for one in headers]
            if self._connection.scalar(select(exists().where(sealed.is_not(None), *others))):
                return True
        return False
