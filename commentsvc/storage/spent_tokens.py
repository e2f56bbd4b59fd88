"""Form tokens that made a comment. A token is spent in the transaction of its comment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Integer, bindparam, delete, select
from sqlalchemy.orm import Session

from commentsvc.storage.prepared import Prepared
from commentsvc.storage.tables import SpentTokenRow


@dataclass(frozen=True, slots=True)
class SpentToken:
    """The comment that a token made, and the digest of what was sent with it."""

    comment_id: int
    digest: bytes


def find(session: Session, nonce: str) -> SpentToken | None:
    """What the token with that nonce made, if anything."""
    row = _FIND.first(session, token=nonce)
    return None if row is None else SpentToken(*row)


def spend(session: Session, nonce: str, comment_id: int, digest: bytes, expires_at: datetime) -> bool:
    """Say that the token made that comment; give whether it had made none before.

    Where another transaction spends it at the same time, this waits for how that one ends.
    """
    spent = _SPEND.first(session, token=nonce, comment=comment_id, content=digest, until=expires_at)
    return spent is not None


def sweep(session: Session, now: datetime, limit: int) -> int:
    """Forget tokens that have ended, *limit* at most: they are refused by their age. Give how many."""
    return len(_SWEEP.rows(session, now=now, most=limit))


_FIND = Prepared(
    select(SpentTokenRow.comment_id, SpentTokenRow.digest).where(SpentTokenRow.nonce == bindparam("token"))
)
_SPEND = Prepared(
    lambda insert: (
        insert(SpentTokenRow)
        .values(
            nonce=bindparam("token"),
            comment_id=bindparam("comment"),
            digest=bindparam("content"),
            expires_at=bindparam("until"),
        )
        .on_conflict_do_nothing()
        .returning(SpentTokenRow.nonce)
    )
)
_ENDED = (
    select(SpentTokenRow.nonce)
    .where(SpentTokenRow.expires_at < bindparam("now"))
    .limit(bindparam("most", type_=Integer))
)
_SWEEP = Prepared(delete(SpentTokenRow).where(SpentTokenRow.nonce.in_(_ENDED)).returning(SpentTokenRow.nonce))
