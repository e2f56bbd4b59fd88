"""Moderators' accounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from commentsvc.model import Role
from commentsvc.storage.tables import AccountRow, AccountSiteRow, SessionRow


@dataclass(frozen=True, slots=True)
class StoredAccount:
    """An account; `sites` is None where it moderates all."""

    id: int
    public_id: str
    email: str
    name: str | None
    role: Role
    sites: frozenset[int] | None
    password_hash: str


def add(
    session: Session,
    public_id: str,
    email: str,
    name: str | None,
    role: Role,
    sites: Sequence[int] | None,
    password_hash: str,
    now: datetime,
) -> None:
    """Make an account; the address must be free."""
    account = AccountRow(
        public_id=public_id,
        email=email,
        name=name,
        role=role,
        all_sites=sites is None,
        password_hash=password_hash,
        created_at=now,
    )
    session.add(account)
    session.flush()
    for site_id in sites or ():
        session.add(AccountSiteRow(account_id=account.id, site_id=site_id))


def by_email(session: Session, email: str) -> StoredAccount | None:
    """The account of that address."""
    found = _found(session, AccountRow.email == email)
    return found[0] if found else None


def by_id(session: Session, account_id: int) -> StoredAccount | None:
    """The account with that row number."""
    found = _found(session, AccountRow.id == account_id)
    return found[0] if found else None


def all_accounts(session: Session) -> list[StoredAccount]:
    """All accounts, by address."""
    return _found(session)


def remove(session: Session, account_id: int) -> None:
    """Remove an account and its sessions; what it decided stays in the log."""
    session.execute(delete(SessionRow).where(SessionRow.account_id == account_id))
    session.execute(delete(AccountSiteRow).where(AccountSiteRow.account_id == account_id))
    session.execute(delete(AccountRow).where(AccountRow.id == account_id))


def set_password(session: Session, account_id: int, password_hash: str) -> None:
    """Keep another hash of the password."""
    session.execute(update(AccountRow).where(AccountRow.id == account_id).values(password_hash=password_hash))


def set_role(session: Session, account_id: int, role: Role) -> None:
    """Give an account another role."""
    session.execute(update(AccountRow).where(AccountRow.id == account_id).values(role=role))


def _found(session: Session, *conditions: ColumnElement[bool]) -> list[StoredAccount]:
    rows = session.scalars(select(AccountRow).where(*conditions).order_by(AccountRow.email)).all()
    sites: dict[int, set[int]] = {row.id: set() for row in rows}
    limited = select(AccountSiteRow).where(AccountSiteRow.account_id.in_(list(sites)))
    for entry in session.scalars(limited):
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
