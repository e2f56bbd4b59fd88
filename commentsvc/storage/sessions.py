"""The sessions of people who are signed in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, delete, or_, select, update

from commentsvc.records import StoredSession
from commentsvc.storage.repository import Repository
from commentsvc.storage.tables import SessionRow

_SESSIONS: Select[*tuple[Any, ...]] = select(
    SessionRow.public_id, SessionRow.account_id, SessionRow.browser, SessionRow.began_at, SessionRow.used_at
)
_BY_DIGEST = _SESSIONS.where(SessionRow.digest == bindparam("digest"))


class Sessions(Repository):
    """The sessions of people who are signed in."""

    def add(self, public_id: str, digest: bytes, account_id: int, browser: str, now: datetime) -> None:
        """Begin a session."""
        self._insert(
            SessionRow,
            public_id=public_id,
            digest=digest,
            account_id=account_id,
            browser=browser,
            began_at=now,
            used_at=now,
        )

    def by_digest(self, digest: bytes) -> StoredSession | None:
        """The session of the secret with that hash."""
        row = self._first(_BY_DIGEST, digest=digest)
        return None if row is None else StoredSession(*row)

    def of_account(self, account_id: int) -> list[StoredSession]:
        """All sessions of an account, the one used last first."""
        rows = _SESSIONS.where(SessionRow.account_id == account_id)
        return [
            StoredSession(*row) for row in self._connection.execute(rows.order_by(SessionRow.used_at.desc()))
        ]

    def touch(self, public_id: str, now: datetime) -> None:
        """Note that a session is in use."""
        self._connection.execute(
            update(SessionRow).where(SessionRow.public_id == public_id).values(used_at=now)
        )

    def end(self, account_id: int, public_id: str) -> bool:
        """End one session of an account; say whether there was one."""
        ended = delete(SessionRow).where(
            SessionRow.account_id == account_id, SessionRow.public_id == public_id
        )
        return bool(self._connection.execute(ended.returning(SessionRow.id)).all())

    def end_all(self, account_id: int) -> int:
        """End all sessions of an account; give how many there were."""
        ended = delete(SessionRow).where(SessionRow.account_id == account_id)
        return len(self._connection.execute(ended.returning(SessionRow.id)).all())

    def end_others(self, account_id: int, kept: str) -> None:
        """End all sessions of an account but the one with the public id *kept*."""
        others = delete(SessionRow).where(SessionRow.account_id == account_id, SessionRow.public_id != kept)
        self._run(others)

    def sweep(self, *, began_before: datetime, used_before: datetime) -> None:
        """Remove sessions that are over: there are few rows, all are looked at."""
        over = or_(SessionRow.began_at <= began_before, SessionRow.used_at <= used_before)
        self._connection.execute(delete(SessionRow).where(over))
