"""Blocks: the rules that moderators set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, delete, or_, select
from sqlalchemy.orm import Session

from commentsvc.model import BlockAction, BlockKind
from commentsvc.storage.prepared import Prepared
from commentsvc.storage.tables import BlockRow, SiteRow


@dataclass(frozen=True, slots=True)
class StoredBlock:
    """A block's row; `value` is None where it is on an address, which is in `sealed`."""

    public_id: str
    site_id: int | None
    site: str | None
    kind: BlockKind
    value: str | None
    sealed: bytes | None
    action: BlockAction
    until: datetime | None
    note: str | None
    created_at: datetime


def in_force(session: Session, site_id: int, lookup: bytes | None, now: datetime) -> list[StoredBlock]:
    """The blocks that a comment on that site must pass, those on its own address among them."""
    return [StoredBlock(*row) for row in _IN_FORCE.rows(session, site=site_id, hashed=lookup, now=now)]


def visible(session: Session, sites: frozenset[int] | None) -> list[StoredBlock]:
    """The blocks of those sites, or of all."""
    return _found(session, *([] if sites is None else [BlockRow.site_id.in_(sites)]))


def by_public_id(session: Session, public_id: str) -> StoredBlock | None:
    """The block of that id, if there is one."""
    found = _found(session, BlockRow.public_id == public_id)
    return found[0] if found else None


def remove(session: Session, public_id: str) -> None:
    """Lift the block of that id."""
    session.execute(delete(BlockRow).where(BlockRow.public_id == public_id))


def _found(session: Session, *conditions: ColumnElement[bool]) -> list[StoredBlock]:
    return [StoredBlock(*row) for row in session.execute(_BLOCKS.where(*conditions))]


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
_OF_ADDRESS = (BlockRow.kind == BlockKind.EMAIL) & (BlockRow.lookup == bindparam("hashed"))
_IN_FORCE = Prepared(
    _BLOCKS.where(
        or_(BlockRow.site_id == bindparam("site"), BlockRow.site_id.is_(None)),
        or_(BlockRow.until.is_(None), BlockRow.until > bindparam("now")),
        or_(BlockRow.kind != BlockKind.EMAIL, _OF_ADDRESS),
    )
)
