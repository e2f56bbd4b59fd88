"""Moderators' accounts: an address, a name, a role, and a password by Argon2id."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from commentsvc.access.passwords import LONGEST_PASSWORD
from commentsvc.access.permissions import OF_ROLE
from commentsvc.ids import fresh_id
from commentsvc.model import NAMELESS, Actor, Moderator, Role
from commentsvc.records import StoredAccount
from commentsvc.storage.unit_of_work import UnitOfWork

LONGEST_LOGIN = 320  # characters, as the column

_hasher = PasswordHasher()


def normalised_login(email: str) -> str:
    """The one spelling of an account's address: NFC and case folded. No account has a longer one."""
    return unicodedata.normalize("NFC", email.strip()[:LONGEST_LOGIN]).casefold()


def create(
    work: UnitOfWork,
    email: str,
    name: str | None,
    password: str,
    role: Role,
    sites: Sequence[int] | None,
    now: datetime,
) -> str:
    """Make an account of all sites, or of those named; give its public id.

    :raises ValueError: the address has an account.
    """
    login = normalised_login(email)
    if work.accounts.by_email(login):
        raise ValueError(f"{email} has an account already; “commentsvc user remove” removes it.")
    public_id = fresh_id()
    work.accounts.add(public_id, login, name, role, sites, _hasher.hash(password), now)
    return public_id


def create_without_password(
    work: UnitOfWork, email: str, name: str | None, role: Role, sites: Sequence[int] | None, now: datetime
) -> int:
    """Make an account that nobody can sign in to, and give its row number; the address must be free.

    Its password is one that nobody knows, so that a sign-in takes as long as with any other.
    """
    nobodys = _hasher.hash(secrets.token_urlsafe(32))
    return work.accounts.add(fresh_id(), normalised_login(email), name, role, sites, nobodys, now)


def verified(work: UnitOfWork, email: str, password: str) -> StoredAccount | None:
    """The account of that address, if the password is its own; as slow where there is none."""
    account = work.accounts.by_email(normalised_login(email)) if len(password) <= LONGEST_PASSWORD else None
    try:
        _hasher.verify(account.password_hash if account else _hash_of_nobody(), password[:LONGEST_PASSWORD])
    except (VerificationError, InvalidHashError):
        return None
    return account


@cache
def _hash_of_nobody() -> str:
    """Checked where there is no such account, so that the time tells nobody which there are."""
    return _hasher.hash(secrets.token_urlsafe(16))


def set_password(work: UnitOfWork, account: StoredAccount, password: str) -> None:
    """Give an account another password."""
    work.accounts.set_password(account.id, _hasher.hash(password))


def renewed_hash(account: StoredAccount, password: str) -> str | None:
    """A fresh hash where the stored one was made by weaker rules."""
    return _hasher.hash(password) if _hasher.check_needs_rehash(account.password_hash) else None


def moderator(account: StoredAccount) -> Moderator:
    """Who the account is when it decides."""
    return Moderator(account.email, OF_ROLE[account.role], account.sites, actor(account), account.name)


def actor(account: StoredAccount) -> Actor:
    """Who the account is in the audit trail."""
    return Actor(account.public_id, account.name or NAMELESS)
