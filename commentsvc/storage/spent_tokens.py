"""Form tokens that made a comment. A token is spent in the transaction of its comment."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Integer, bindparam, delete, select

from commentsvc.records import SpentToken
from commentsvc.storage.prepared import Prepared
from commentsvc.storage.repository import Repository, unless_there
from commentsvc.storage.tables import SpentTokenRow

_FIND = Prepared(
    select(SpentTokenRow.comment_id, SpentTokenRow.digest).where(SpentTokenRow.nonce == bindparam("token"))
)
_SPEND = unless_there(SpentTokenRow, SpentTokenRow.nonce)
_ENDED = (
    select(SpentTokenRow.nonce)
    .where(SpentTokenRow.expires_at < bindparam("now"))
    .limit(bindparam("most", type_=Integer))
)
_SWEEP = delete(SpentTokenRow).where(SpentTokenRow.nonce.in_(_ENDED)).returning(SpentTokenRow.nonce)


class SpentTokens(Repository):
    """Form tokens that made a comment."""

    def find(self, nonce: str) -> SpentToken | None:
        """What the token with that nonce made, if anything."""
        row = self._first(_FIND, token=nonce)
        return None if row is None else SpentToken(*row)

    def spend(self, nonce: str, comment_id: int, digest: bytes, expires_at: datetime) -> bool:
        """Say that the token made that comment; give whether it had made none before.

        Where another transaction spends it at the same time, this waits for how that one ends.
        """
        spent = self._first(
            self._for(_SPEND), nonce=nonce, comment_id=comment_id, digest=digest, expires_at=expires_at
        )
        return spent is not None

    def sweep(self, now: datetime, limit: int) -> int:
        """Forget tokens that have ended, *limit* at most: they are refused by their age. Give how many."""
        return len(self._rows(_SWEEP, now=now, most=limit))
