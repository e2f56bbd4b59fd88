"""Form tokens that made a comment. A token is spent in the transaction of its comment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from commentsvc.storage.tables import SpentTokenRow
from commentsvc.storage.threads import INSERT

SWEEP = 20  # rows a post: more than one post adds, and little enough not to be felt


@dataclass(frozen=True, slots=True)
class SpentToken:
    """The comment that a token made, and the digest of what was sent with it."""

    comment_id: int
    digest: bytes


def find(session: Session, nonce: str) -> SpentToken | None:
    """What the token with that nonce made, if anything."""
    row = session.execute(
        select(SpentTokenRow.comment_id, SpentTokenRow.digest).where(SpentTokenRow.nonce == nonce)
    ).one_or_none()
    return None if row is None else SpentToken(*row)


def spend(session: Session, nonce: str, comment_id: int, digest: bytes, expires_at: datetime) -> bool:
    """Say that the token made that comment; give whether it had made none before.

    Where another transaction spends it at the same time, this waits for how that one ends.
    """
    insert: Any = INSERT[session.get_bind().dialect.name]
    spent = session.scalar(
        insert(SpentTokenRow)
        .values(nonce=nonce, comment_id=comment_id, digest=digest, expires_at=expires_at)
        .on_conflict_do_nothing()
        .returning(SpentTokenRow.nonce)
    )
    return spent is not None


def sweep(session: Session, now: datetime) -> None:
    """Forget a few tokens that have ended: they are refused by their age from now on."""
    ended = (
        select(SpentTokenRow.nonce)
        .where(SpentTokenRow.expires_at < now)
        .limit(SWEEP)
        .with_for_update(skip_locked=True)  # two posts that sweep do not wait for each other
    )
    session.execute(
        delete(SpentTokenRow)
        .where(SpentTokenRow.nonce.in_(ended))
        .execution_options(synchronize_session=False)
    )
