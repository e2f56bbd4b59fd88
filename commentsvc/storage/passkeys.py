"""Passkeys of accounts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, or_, select, update

from commentsvc.records import StoredPasskey
from commentsvc.storage.repository import Repository, unless_there
from commentsvc.storage.tables import PasskeyRow

_PASSKEYS: Select[*tuple[Any, ...]] = select(
    PasskeyRow.public_id,
    PasskeyRow.account_id,
    PasskeyRow.credential_id,
    PasskeyRow.public_key,
    PasskeyRow.sign_count,
    PasskeyRow.label,
    PasskeyRow.created_at,
    PasskeyRow.used_at,
)
_ADD = unless_there(PasskeyRow, PasskeyRow.id)


class Passkeys(Repository):
    """Passkeys of accounts."""

    def add(self, passkey: StoredPasskey) -> bool:
        """Store a new passkey; False where it is known already."""
        columns = {
            "public_id": passkey.public_id,
            "account_id": passkey.account_id,
            "credential_id": passkey.credential_id,
            "public_key": passkey.public_key,
            "sign_count": passkey.sign_count,
            "label": passkey.label,
            "created_at": passkey.created_at,
        }
        return self._first(self._for(_ADD), **columns) is not None

    def of_account(self, account_id: int) -> list[StoredPasskey]:
        """All passkeys of an account, the oldest first."""
        rows = self._rows(_PASSKEYS.where(PasskeyRow.account_id == account_id).order_by(PasskeyRow.id))
        return [StoredPasskey(*row) for row in rows]

    def use(self, passkey: StoredPasskey, sign_count: int, challenged_at: datetime, now: datetime) -> bool:
        """Note that a passkey signed a challenge of that time; False where it signed a later one before."""
        is_fresh = or_(PasskeyRow.used_at.is_(None), PasskeyRow.used_at < challenged_at)
        used = update(PasskeyRow).where(
            PasskeyRow.public_id == passkey.public_id, PasskeyRow.sign_count == passkey.sign_count, is_fresh
        )
        return self._connection.execute(used.values(sign_count=sign_count, used_at=now)).rowcount > 0

    def remove(self, account_id: int, public_id: str) -> bool:
        """Remove a passkey of an account; say whether there was one."""
        removed = delete(PasskeyRow).where(
            PasskeyRow.account_id == account_id, PasskeyRow.public_id == public_id
        )
        return self._connection.execute(removed).rowcount > 0
