"""Moderators' accounts: passwords by Argon2id, sessions that can be ended from the server."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy.orm import Session

from commentsvc.model import Moderator, Role
from commentsvc.storage import accounts
from commentsvc.storage.accounts import StoredAccount

SHORTEST_PASSWORD = 10  # characters
LONGEST_ADDRESS = 320  # characters, as the column
LONGEST_PASSWORD = 1000  # so that hashing one stays cheap

_hasher = PasswordHasher()


def address_of(email: str) -> str:
    """The one spelling of an account's address: NFC and case folded. No account has a longer one."""
    return unicodedata.normalize("NFC", email.strip()[:LONGEST_ADDRESS]).casefold()


def create(
    tx: Session, email: str, password: str, role: Role, sites: Sequence[int] | None, now: datetime
) -> None:
    """Make an account of all sites, or of those named.

    :raises ValueError: the password will not do, or the address has an account; the text says which.
    """
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise ValueError(f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters.")
    if accounts.by_email(tx, address_of(email)):
        raise ValueError(f"{email} has an account already; “commentsvc user remove” removes it.")
    session_key = secrets.token_urlsafe(16)
    accounts.add(tx, address_of(email), role, sites, _hasher.hash(password), session_key, now)


def verified(session: Session, email: str, password: str) -> StoredAccount | None:
    """The account of that address, if the password is its own; as slow where there is none."""
    account = accounts.by_email(session, address_of(email)) if len(password) <= LONGEST_PASSWORD else None
    try:
        _hasher.verify(account.password_hash if account else _hash_of_nobody(), password[:LONGEST_PASSWORD])
    except (VerificationError, InvalidHashError):
        return None
    return account


@cache
def _hash_of_nobody() -> str:
    """Checked where there is no such account, so that the time tells nobody which there are."""
    return _hasher.hash(secrets.token_urlsafe(16))


def renewed_hash(account: StoredAccount, password: str) -> str | None:
    """A fresh hash where the stored one was made by weaker rules."""
    return _hasher.hash(password) if _hasher.check_needs_rehash(account.password_hash) else None


def moderator(account: StoredAccount) -> Moderator:
    """Who the account is when it decides."""
    return Moderator(account.email, account.role, account.sites)
