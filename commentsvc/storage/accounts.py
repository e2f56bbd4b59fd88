"""Moderators' accounts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, delete, insert, select, update

from commentsvc.model import Role
from commentsvc.records import StoredAccount
from commentsvc.storage.repository import Repository
from commentsvc.storage.tables import AccountRow, AccountSiteRow, SessionRow


class Accounts(Repository):
    """Moderators' accounts."""

    def add(
        self,
        public_id: str,
        email: str,
        name: str | None,
        role: Role,
        sites: Sequence[int] | None,
        password_hash: str,
        now: datetime,
    ) -> int:
        """Make an account, and give its row number; the address must be free."""
        ((account_id,),) = self._rows(
            insert(AccountRow).returning(AccountRow.id),
            public_id=public_id,
            email=email,
            name=name,
            role=role,
            all_sites=sites is None,
            password_hash=password_hash,
            created_at=now,
        )
        for site_id in sites or ():
            self._insert(AccountSiteRow, account_id=account_id, site_id=site_id)
        return int(account_id)

    def by_public_id(self, public_id: str) -> StoredAccount | None:
        """The account with that opaque id."""
        rows = self._found(AccountRow.public_id == public_id)
        return rows[0] if rows else None

    def by_email(self, email: str) -> StoredAccount | None:
        """The account of that address."""
        rows = self._found(AccountRow.email == email)
        return rows[0] if rows else None

    def by_id(self, account_id: int) -> StoredAccount | None:
        """The account with that row number."""
        rows = self._found(AccountRow.id == account_id)
        return rows[0] if rows else None

    def all_accounts(self) -> list[StoredAccount]:
        """All accounts, by address."""
        return self._found()

    def remove(self, account_id: int) -> None:
        """Remove an account and its sessions; what it decided stays in the log."""
        self._connection.execute(delete(SessionRow).where(SessionRow.account_id == account_id))
        self._connection.execute(delete(AccountSiteRow).where(AccountSiteRow.account_id == account_id))
        self._connection.execute(delete(AccountRow).where(AccountRow.id == account_id))

    def set_password(self, account_id: int, password_hash: str) -> None:
        """Keep another hash of the password."""
        self._connection.execute(
            update(AccountRow).where(AccountRow.id == account_id).values(password_hash=password_hash)
        )

    def lock_password(self, account_id: int) -> str | None:
        """The hash of an account's password, which stays until the end; None where there is no such account."""
        theirs = select(AccountRow.password_hash).where(AccountRow.id == account_id)
        row = self._first(theirs.with_for_update())
        return None if row is None else row.password_hash

    def set_role(self, account_id: int, role: Role) -> None:
        """Give an account another role."""
        self._connection.execute(update(AccountRow).where(AccountRow.id == account_id).values(role=role))

    def set_name(self, account_id: int, name: str | None) -> None:
        """Give an account another display name, or none."""
        self._connection.execute(update(AccountRow).where(AccountRow.id == account_id).values(name=name))

    def set_sites(self, account_id: int, sites: Sequence[int] | None) -> None:
        """Give an account other sites; None for all."""
        chosen = update(AccountRow).where(AccountRow.id == account_id).values(all_sites=sites is None)
        self._connection.execute(chosen)
        self._connection.execute(delete(AccountSiteRow).where(AccountSiteRow.account_id == account_id))
        for site_id in sites or ():
            self._insert(AccountSiteRow, account_id=account_id, site_id=site_id)

    def lock_with_role(self, role: Role) -> list[int]:
        """The row numbers of the accounts of all sites with that role; they stay as they are until the end.

        Always in the same order, so that two changes never wait for each other.
        """
        theirs = select(AccountRow.id).where(AccountRow.role == role, AccountRow.all_sites)
        return [row.id for row in self._rows(theirs.order_by(AccountRow.id).with_for_update())]

    def _found(self, *conditions: ColumnElement[bool]) -> list[StoredAccount]:
        rows = self._rows(select(AccountRow).where(*conditions).order_by(AccountRow.email))
        sites: dict[int, set[int]] = {row.id: set() for row in rows}
        limited = select(AccountSiteRow).where(AccountSiteRow.account_id.in_(list(sites)))
        for entry in self._rows(limited):
            sites[entry.account_id].add(entry.site_id)
        return [
            StoredAccount(
                row.id,
                row.public_id,
                row.email,
                row.name,
                row.role,
                None if row.all_sites else frozenset(sites[row.id]),
                row.password_hash,
            )
            for row in rows
        ]
