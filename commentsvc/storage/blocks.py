"""Blocks: the rules that moderators set."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, delete, or_, select

from commentsvc.model import BlockKind
from commentsvc.records import Lookups, NewBlock, StoredBlock
from commentsvc.storage.prepared import Prepared
from commentsvc.storage.repository import Repository
from commentsvc.storage.tables import BlockRow, SiteRow

_BLOCKS: Select[*tuple[Any, ...]] = (
    select(
        BlockRow.public_id,
        BlockRow.site_id,
        SiteRow.slug,
        BlockRow.kind,
        BlockRow.value,
        BlockRow.sealed,
        BlockRow.action,
        BlockRow.until,
        BlockRow.note,
        BlockRow.created_at,
    )
    .outerjoin(SiteRow, BlockRow.site_id == SiteRow.id)
    .order_by(BlockRow.id)
)
_OF_ADDRESS = (BlockRow.kind == BlockKind.EMAIL) & BlockRow.lookup.in_(
    (bindparam("hashed"), bindparam("otherwise"))
)
_IN_FORCE = Prepared(
    _BLOCKS.where(
        or_(BlockRow.site_id == bindparam("site"), BlockRow.site_id.is_(None)),
        or_(BlockRow.until.is_(None), BlockRow.until > bindparam("now")),
        or_(BlockRow.kind != BlockKind.EMAIL, _OF_ADDRESS),
    )
)


class Blocks(Repository):
    """Blocks."""

    def add(
        self, block: NewBlock, public_id: str, sealed: bytes | None, lookup: bytes | None, now: datetime
    ) -> None:
        """Set a block; where it is on an address, that is given sealed, and its value is not stored."""
        self._insert(
            BlockRow,
            public_id=public_id,
            site_id=block.site_id,
            kind=block.kind,
            value=block.value if sealed is None else None,
            sealed=sealed,
            lookup=lookup,
            action=block.action,
            until=block.until,
            note=block.note,
            created_at=now,
        )

    def in_force(self, site_id: int, lookups: Lookups | None, now: datetime) -> list[StoredBlock]:
        """The blocks that a comment on that site must pass, those on its own address among them."""
        hashed, otherwise = lookups or (None, None)
        rows = self._rows(_IN_FORCE, site=site_id, hashed=hashed, otherwise=otherwise, now=now)
        return [StoredBlock(*row) for row in rows]

    def visible(self, sites: frozenset[int] | None) -> list[StoredBlock]:
        """The blocks of those sites, or of all."""
        return self._found(*([] if sites is None else [BlockRow.site_id.in_(sites)]))

    def by_public_id(self, public_id: str) -> StoredBlock | None:
        """The block of that id, if there is one."""
        rows = self._found(BlockRow.public_id == public_id)
        return rows[0] if rows else None

    def remove(self, public_id: str) -> None:
        """Lift the block of that id."""
        self._connection.execute(delete(BlockRow).where(BlockRow.public_id == public_id))

    def _found(self, *conditions: ColumnElement[bool]) -> list[StoredBlock]:
        return [StoredBlock(*row) for row in self._connection.execute(_BLOCKS.where(*conditions))]
