"""API tokens, of which only hashes are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from commentsvc.model import Scope
from commentsvc.storage.tables import ApiTokenRow, SiteRow


@dataclass(frozen=True, slots=True)
class StoredToken:
    """A token's row: what it is good for, where, and until when; without a site, everywhere."""

    public_id: str
    scope: Scope
    site_id: int | None
    site: str | None
    label: str | None
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None


_TOKENS: Select[*tuple[Any, ...]] = select(
    ApiTokenRow.public_id,
    ApiTokenRow.scope,
    ApiTokenRow.site_id,
    SiteRow.slug,
    ApiTokenRow.label,
    ApiTokenRow.created_at,
    ApiTokenRow.expires_at,
    ApiTokenRow.used_at,
).outerjoin(SiteRow, ApiTokenRow.site_id == SiteRow.id)


def add(session: Session, token: StoredToken, digest: bytes) -> None:
    """Keep a new token's hash."""
    session.add(
        ApiTokenRow(
            public_id=token.public_id,
            digest=digest,
            scope=token.scope,
            site_id=token.site_id,
            label=token.label,
            created_at=token.created_at,
            expires_at=token.expires_at,
        )
    )


def by_digest(session: Session, digest: bytes) -> StoredToken | None:
    """The token with that hash, if there is one."""
    row = session.execute(_TOKENS.where(ApiTokenRow.digest == digest)).one_or_none()
    return None if row is None else StoredToken(*row)


def all_tokens(session: Session) -> list[StoredToken]:
    """All tokens, the oldest first."""
    return [StoredToken(*row) for row in session.execute(_TOKENS.order_by(ApiTokenRow.id))]


def touch(session: Session, public_id: str, now: datetime) -> None:
    """Note that a token is in use."""
    session.execute(update(ApiTokenRow).where(ApiTokenRow.public_id == public_id).values(used_at=now))


def remove(session: Session, public_id: str) -> bool:
    """Remove a token; say whether there was one."""
    removed = delete(ApiTokenRow).where(ApiTokenRow.public_id == public_id)
    return bool(session.execute(removed.returning(ApiTokenRow.id)).all())
