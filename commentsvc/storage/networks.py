"""Networks that guests' comments came from, sealed. Only writing and forgetting; `Queue` finds by them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Integer, bindparam, delete, select

from commentsvc.storage.repository import Repository
from commentsvc.storage.tables import NetworkRow

_ERASE = delete(NetworkRow).where(NetworkRow.comment_id == bindparam("comment"))
_OLD = (
    select(NetworkRow.comment_id)
    .where(NetworkRow.site_id == bindparam("site"), NetworkRow.created_at <= bindparam("before"))
    .limit(bindparam("most", type_=Integer))
)
_SWEEP = delete(NetworkRow).where(NetworkRow.comment_id.in_(_OLD)).returning(NetworkRow.comment_id)


class Networks(Repository):
    """Sealed networks, one a comment at most."""

    def add(self, comment_id: int, site_id: int, sealed: bytes, lookup: bytes, now: datetime) -> None:
        """Keep the sealed network of a comment."""
        self._insert(
            NetworkRow, comment_id=comment_id, site_id=site_id, sealed=sealed, lookup=lookup, created_at=now
        )

    def erase(self, comment_id: int) -> None:
        """Forget the network of a comment."""
        self._run(_ERASE, comment=comment_id)

    def sweep(self, site_id: int, before: datetime, limit: int) -> int:
        """Forget those of a site that were kept then or earlier, *limit* at most; give how many."""
        return len(self._rows(_SWEEP, site=site_id, before=before, most=limit))
