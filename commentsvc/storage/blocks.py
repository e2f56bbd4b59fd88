"""Blocks: the rules that moderators set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.orm import Session

from commentsvc.model import BlockAction, BlockKind
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
    of_address = (BlockRow.kind == BlockKind.EMAIL) & (BlockRow.lookup == lookup)
    return _found(
        session,
        or_(BlockRow.site_id == site_id, BlockRow.site_id.is_(None)),
        or_(BlockRow.until.is_(None), BlockRow.until > now),
        or_(BlockRow.kind != BlockKind.EMAIL, of_address),
    )


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
    rows = session.execute(
        select(BlockRow, SiteRow.slug)
        .outerjoin(SiteRow, BlockRow.site_id == SiteRow.id)
        .where(*conditions)
        .order_by(BlockRow.id)
    )
    return [
        StoredBlock(
            row.public_id,
            row.site_id,
            slug,
            row.kind,
            row.value,
            row.sealed,
            row.action,
            row.until,
            row.note,
            row.created_at,
        )
        for row, slug in rows
    ]
