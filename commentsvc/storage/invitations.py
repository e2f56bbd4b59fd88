"""Invitations: accounts that nobody has used yet."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select

from commentsvc.storage.repository import Repository
from commentsvc.storage.tables import InvitationRow


class Invitations(Repository):
    """Invitations, one an account at most."""

    def put(self, account_id: int, digest: bytes, expires_at: datetime) -> None:
        """Invite an account, in place of an invitation that it may have."""
        self.remove(account_id)
        self._insert(InvitationRow, account_id=account_id, digest=digest, expires_at=expires_at)

    def spend(self, digest: bytes, now: datetime) -> int | None:
        """Use an invitation up; give the row number of its account, or None where it is not good any more."""
        mine = (InvitationRow.digest == digest, InvitationRow.expires_at > now)
        rows = self._rows(delete(InvitationRow).where(*mine).returning(InvitationRow.account_id))
        return rows[0].account_id if rows else None

    def account_of(self, digest: bytes, now: datetime) -> int | None:
        """The row number of the account that an invitation is for; None where it is not good any more."""
        mine = (InvitationRow.digest == digest, InvitationRow.expires_at > now)
        row = self._first(select(InvitationRow.account_id).where(*mine))
        return None if row is None else row.account_id

    def ends(self) -> dict[int, datetime]:
        """When the invitation of each account ends that has one, by the account's row number."""
        rows = self._rows(select(InvitationRow.account_id, InvitationRow.expires_at))
        return {row.account_id: row.expires_at for row in rows}

    def remove(self, account_id: int) -> None:
        """Remove the invitation of an account: it is used, or another takes its place."""
        self._run(delete(InvitationRow).where(InvitationRow.account_id == account_id))
