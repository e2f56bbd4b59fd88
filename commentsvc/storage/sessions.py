"""The sessions of people who are signed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, or_, select, update
from sqlalchemy.orm import Session

from commentsvc.storage.tables import SessionRow


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A session's row without the digest of its secret."""

    public_id: str
    account_id: int
    browser: str
    began_at: datetime
    used_at: datetime


_SESSIONS: Select[*tuple[Any, ...]] = select(
    SessionRow.public_id, SessionRow.account_id, SessionRow.browser, SessionRow.began_at, SessionRow.used_at
)


def add(
    session: Session, public_id: str, digest: bytes, account_id: int, browser: str, now: datetime
) -> None:
    """Begin a session."""
    session.add(
        SessionRow(
            public_id=public_id,
            digest=digest,
            account_id=account_id,
            browser=browser,
            began_at=now,
            used_at=now,
        )
    )


def by_digest(session: Session, digest: bytes) -> StoredSession | None:
    """The session of the secret with that hash."""
    row = session.execute(_SESSIONS.where(SessionRow.digest == digest)).one_or_none()
    return None if row is None else StoredSession(*row)


def of_account(session: Session, account_id: int) -> list[StoredSession]:
    """All sessions of an account, the one used last first."""
    rows = _SESSIONS.where(SessionRow.account_id == account_id)
    return [StoredSession(*row) for row in session.execute(rows.order_by(SessionRow.used_at.desc()))]


def touch(session: Session, public_id: str, now: datetime) -> None:
    """Note that a session is in use."""
    session.execute(update(SessionRow).where(SessionRow.public_id == public_id).values(used_at=now))


def end(session: Session, account_id: int, public_id: str) -> bool:
    """End one session of an account; say whether there was one."""
    ended = delete(SessionRow).where(SessionRow.account_id == account_id, SessionRow.public_id == public_id)
    return bool(session.execute(ended.returning(SessionRow.id)).all())


def end_all(session: Session, account_id: int) -> int:
    """End all sessions of an account; give how many there were."""
    ended = delete(SessionRow).where(SessionRow.account_id == account_id)
    return len(session.execute(ended.returning(SessionRow.id)).all())


def sweep(session: Session, *, began_before: datetime, used_before: datetime) -> None:
    """Remove sessions that are over: there are few rows, all are looked at."""
    over = or_(SessionRow.began_at <= began_before, SessionRow.used_at <= used_before)
    session.execute(delete(SessionRow).where(over))
