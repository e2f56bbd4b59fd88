"""Sealed e-mail addresses, one a comment. Only writing and comparing; opening is `moderation`'s."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import LargeBinary, Select, bindparam, delete, exists, func, select

from commentsvc.records import StoredAddress
from commentsvc.storage.repository import Repository
from commentsvc.storage.tables import AddressRow, BlockRow, CommentRow, RuleAddressRow, RuleRow

_LOOKUP_OF = select(AddressRow.lookup).where(AddressRow.comment_id == bindparam("comment"))
_SEALED_OF = select(CommentRow.public_id, AddressRow.sealed).where(
    CommentRow.id == AddressRow.comment_id, AddressRow.comment_id == bindparam("comment")
)
_ERASE = delete(AddressRow).where(AddressRow.comment_id == bindparam("comment"))


class Addresses(Repository):
    """Sealed e-mail addresses, one a comment."""

    def add(self, comment_id: int, sealed: bytes, lookup: bytes) -> None:
        """Keep the sealed address of a comment."""
        self._insert(AddressRow, comment_id=comment_id, sealed=sealed, lookup=lookup)

    def lookup_of(self, comment_id: int) -> bytes | None:
        """The keyed hash of a comment's address."""
        row = self._first(_LOOKUP_OF, comment=comment_id)
        return None if row is None else bytes(row[0])

    def sealed_of(self, comment_id: int) -> tuple[str, bytes] | None:
        """A comment's sealed address, behind what it is bound to."""
        row = self._first(_SEALED_OF, comment=comment_id)
        return None if row is None else (row[0], bytes(row[1]))

    def erase(self, comment_id: int) -> None:
        """Forget the address of a comment."""
        self._run(_ERASE, comment=comment_id)

    def oldest_and_newest(self) -> list[StoredAddress]:
        """The first and the last address there are, of comments, blocks and rules; none in an empty database."""
        rows: Select[*tuple[Any, ...]] = select(
            CommentRow.public_id, AddressRow.sealed, AddressRow.lookup
        ).join(CommentRow, AddressRow.comment_id == CommentRow.id)
        blocked: Select[*tuple[Any, ...]] = select(
            BlockRow.public_id, BlockRow.sealed, BlockRow.lookup
        ).where(BlockRow.sealed.is_not(None))
        ruled: Select[*tuple[Any, ...]] = select(
            RuleRow.public_id, RuleAddressRow.sealed, RuleAddressRow.lookup
        ).join(RuleRow, RuleAddressRow.rule_id == RuleRow.id)
        ends = (
            rows.order_by(AddressRow.comment_id),
            rows.order_by(AddressRow.comment_id.desc()),
            blocked.order_by(BlockRow.id),
            blocked.order_by(BlockRow.id.desc()),
            ruled.order_by(RuleAddressRow.id),
            ruled.order_by(RuleAddressRow.id.desc()),
        )
        return [StoredAddress(*row) for end in ends for row in self._connection.execute(end.limit(1))]

    def are_sealed_otherwise(self, headers: Sequence[bytes]) -> bool:
        """Whether there is an address, of a comment, a block or a rule, that begins with none of *headers*."""
        for sealed in (AddressRow.sealed, BlockRow.sealed, RuleAddressRow.sealed):
            others = [func.substr(sealed, 1, len(one), type_=LargeBinary) != one for one in headers]
            if self._connection.scalar(select(exists().where(sealed.is_not(None), *others))):
                return True
        return False
