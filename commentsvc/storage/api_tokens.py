"""API tokens, of which only hashes are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from commentsvc.model import Scope
from commentsvc.storage.tables import ApiTokenRow, SiteRow


@dataclass(frozen=True, slots=True)
class StoredToken:
    """A token's row: what it is good for, and where; without a site, everywhere."""

    public_id: str
    scope: Scope
    site_id: int | None
    site: str | None


def add(
    session: Session, public_id: str, digest: bytes, scope: Scope, site_id: int | None, now: datetime
) -> None:
    """Keep a new token's hash."""
    session.add(ApiTokenRow(public_id=public_id, digest=digest, scope=scope, site_id=site_id, created_at=now))


def by_digest(session: Session, digest: bytes) -> StoredToken | None:
    """The token with that hash, if there is one."""
    row = session.execute(
        select(ApiTokenRow.public_id, ApiTokenRow.scope, ApiTokenRow.site_id, SiteRow.slug)
        .outerjoin(SiteRow, ApiTokenRow.site_id == SiteRow.id)
        .where(ApiTokenRow.digest == digest)
    ).one_or_none()
    return None if row is None else StoredToken(*row)
