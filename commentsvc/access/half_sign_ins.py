"""Sign-ins of which the password was right, and the second factor is still to come.

The browser holds a ticket that is signed and not stored. It opens nothing, and ends soon, or with the password.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from commentsvc.records import StoredAccount
from commentsvc.service import Service
from commentsvc.storage.unit_of_work import UnitOfWork

LIFETIME = timedelta(minutes=10)
PURPOSE = "half a sign-in"


def ticket(service: Service, account: StoredAccount) -> str:
    """A ticket for who knows the password of *account*."""
    at = int(service.now().timestamp())
    return f"{account.public_id}.{at}.{service.keys.sign(PURPOSE, _signed(account, at))}"


def account_of(service: Service, work: UnitOfWork, given: str) -> StoredAccount | None:
    """Whose ticket that is; None where it has ended, or is none."""
    public_id, _, rest = given.partition(".")
    at, _, signature = rest.partition(".")
    account = work.accounts.by_public_id(public_id)
    if account is None or not (at.isascii() and at.isdigit() and len(at) <= 12):
        return None
    if not service.keys.is_signature(PURPOSE, _signed(account, int(at)), signature):
        return None
    return account if _is_young(int(at), service.now()) else None


def _is_young(at: int, now: datetime) -> bool:
    """It may be from the future: of another node, whose clock is ahead."""
    return abs(now - datetime.fromtimestamp(at, now.tzinfo)) < LIFETIME


def _signed(account: StoredAccount, at: int) -> str:
    return f"{account.public_id}\0{at}\0{account.password_hash}"
