"""Authenticator apps and recovery codes of accounts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, or_, select, update

from commentsvc.records import StoredTotp
from commentsvc.storage.repository import Repository
from commentsvc.storage.tables import PasskeyRow, RecoveryCodeRow, TotpRow


class SecondFactors(Repository):
    """What proves besides a password who somebody is; passkeys are in `storage.passkeys`."""

    def accounts(self) -> frozenset[int]:
        """The row numbers of the accounts that have a second factor."""
        apps = select(TotpRow.account_id).where(TotpRow.confirmed_at.is_not(None))
        return frozenset(row[0] for row in self._rows(apps.union(select(PasskeyRow.account_id))))

    def has_any(self, account_id: int) -> bool:
        """Whether an account has a second factor."""
        app = select(TotpRow.account_id).where(
            TotpRow.account_id == account_id, TotpRow.confirmed_at.is_not(None)
        )
        passkey = select(PasskeyRow.account_id).where(PasskeyRow.account_id == account_id)
        return bool(self._rows(app.union(passkey)))

    def remove_all(self, account_id: int) -> None:
        """Remove all second factors of an account, and its recovery codes."""
        for table in (TotpRow, PasskeyRow, RecoveryCodeRow):
            self._run(delete(table).where(table.account_id == account_id))

    def totp(self, account_id: int) -> StoredTotp | None:
        """The authenticator app of an account, confirmed or not."""
        row = self._first(
            select(TotpRow.sealed, TotpRow.confirmed_at).where(TotpRow.account_id == account_id)
        )
        return None if row is None else StoredTotp(*row)

    def put_totp(self, account_id: int, sealed: bytes, lookup: bytes) -> None:
        """Store the secret of an app that is not confirmed yet, in place of another."""
        self.remove_totp(account_id)
        self._insert(TotpRow, account_id=account_id, sealed=sealed, lookup=lookup)

    def use_step(self, account_id: int, step: int) -> bool:
        """Note that a code of that time step was used; False where it, or a later one, was used before."""
        is_later = or_(TotpRow.step.is_(None), TotpRow.step < step)
        used = update(TotpRow).where(TotpRow.account_id == account_id, is_later).values(step=step)
        return self._connection.execute(used).rowcount > 0

    def confirm_totp(self, account_id: int, now: datetime) -> None:
        """The app is a second factor from now on."""
        self._run(update(TotpRow).where(TotpRow.account_id == account_id).values(confirmed_at=now))

    def remove_totp(self, account_id: int) -> bool:
        """Remove the app of an account; say whether there was one."""
        removed = delete(TotpRow).where(TotpRow.account_id == account_id)
        return self._connection.execute(removed).rowcount > 0

    def put_recovery_codes(self, account_id: int, digests: Sequence[bytes]) -> None:
        """Store recovery codes in place of all that there were."""
        self._run(delete(RecoveryCodeRow).where(RecoveryCodeRow.account_id == account_id))
        for digest in digests:
            self._insert(RecoveryCodeRow, account_id=account_id, digest=digest)

    def use_recovery_code(self, account_id: int, digest: bytes) -> bool:
        """Use a recovery code up; False where there is no such code any more."""
        used = delete(RecoveryCodeRow).where(
            RecoveryCodeRow.account_id == account_id, RecoveryCodeRow.digest == digest
        )
        return self._connection.execute(used).rowcount > 0

    def count_recovery_codes(self, account_id: int) -> int:
        """How many recovery codes are left."""
        mine = select(func.count()).where(RecoveryCodeRow.account_id == account_id)
        return self._connection.scalar(mine) or 0
