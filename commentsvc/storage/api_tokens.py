"""API tokens, of which only hashes are kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, delete, select, update

from commentsvc.records import StoredToken
from commentsvc.storage.repository import Repository
from commentsvc.storage.tables import ApiTokenRow, SiteRow

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
_BY_DIGEST = _TOKENS.where(ApiTokenRow.digest == bindparam("digest"))


class ApiTokens(Repository):
    """API tokens, of which only hashes are stored."""

    def add(self, token: StoredToken, digest: bytes) -> None:
        """Keep a new token's hash."""
        self._insert(
            ApiTokenRow,
            public_id=token.public_id,
            digest=digest,
            scope=token.scope,
            site_id=token.site_id,
            label=token.label,
            created_at=token.created_at,
            expires_at=token.expires_at,
        )

    def by_digest(self, digest: bytes) -> StoredToken | None:
        """The token with that hash, if there is one."""
        row = self._first(_BY_DIGEST, digest=digest)
        return None if row is None else StoredToken(*row)

    def all_tokens(self) -> list[StoredToken]:
        """All tokens, the oldest first."""
        return [StoredToken(*row) for row in self._connection.execute(_TOKENS.order_by(ApiTokenRow.id))]

    def touch(self, public_id: str, now: datetime) -> None:
        """Note that a token is in use."""
        self._connection.execute(
            update(ApiTokenRow).where(ApiTokenRow.public_id == public_id).values(used_at=now)
        )

    def remove(self, public_id: str) -> bool:
        """Remove a token; say whether there was one."""
        removed = delete(ApiTokenRow).where(ApiTokenRow.public_id == public_id)
        return bool(self._connection.execute(removed.returning(ApiTokenRow.id)).all())
