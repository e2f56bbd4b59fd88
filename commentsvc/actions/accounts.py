"""Sign in, and the operator's work on accounts and API tokens."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from commentsvc.access import accounts, api_tokens
from commentsvc.actions.sites import site_of
from commentsvc.errors import Invalid, NotFound
from commentsvc.intake.names import read_email
from commentsvc.model import Moderator, Role, Scope
from commentsvc.service import Service
from commentsvc.storage import accounts as stored
from commentsvc.storage.accounts import StoredAccount
from commentsvc.storage.database import reading, retried, transaction


@retried
def sign_in(email: str, password: str) -> StoredAccount | None:
    """Give the account if the password is its own."""
    account = accounts.verified(reading(), email, password)
    if account is not None and (fresh := accounts.renewed_hash(account, password)):
        with transaction() as tx:
            stored.set_password(tx, account.id, fresh)
    return account


@retried
def sign_out_everywhere(account_id: int) -> None:
    """End all sessions of an account."""
    with transaction() as tx:
        stored.renew_session_key(tx, account_id, secrets.token_urlsafe(16))


def moderator_of_session(account_id: object, session_key: object) -> Moderator | None:
    """Give who a session belongs to, if it still holds."""
    if not isinstance(account_id, int) or not isinstance(session_key, str):
        return None
    account = stored.by_id(reading(), account_id)
    if account is None or not secrets.compare_digest(account.session_key.encode(), session_key.encode()):
        return None
    return accounts.moderator(account)


def moderator_of_token(token: str) -> Moderator:
    """Give who an API token decides as.

    :raises NotSignedIn, Refused: it is not known, or not good for moderating.
    """
    found = api_tokens.holder(reading(), token, Scope.MODERATE)
    sites = None if found.site_id is None else frozenset({found.site_id})
    return Moderator(f"API token {found.public_id}", Role.ADMIN, sites)


@retried
def add_user(service: Service, email: str, password: str, role: Role, slugs: Sequence[str]) -> None:
    """Make an account, of all sites where none is named.

    :raises Invalid: the address or the password will not do.
    :raises NotFound: there is no such site.
    """
    sites = [site_of(service, slug).id for slug in slugs] or None
    try:
        address = read_email(email)
        with transaction() as tx:
            accounts.create(tx, address, password, role, sites, service.now())
    except ValueError as wrong:
        raise Invalid({"user": [str(wrong)]}) from None


def list_users() -> list[StoredAccount]:
    """Give all accounts, by address."""
    return stored.all_accounts(reading())


@retried
def remove_user(email: str) -> None:
    """Remove an account.

    :raises NotFound: there is none of that address.
    """
    with transaction() as tx:
        account = stored.by_email(tx, accounts.address_of(email))
        if account is None:
            raise NotFound(f"{email} has no account; “commentsvc user list” shows those there are.")
        stored.remove(tx, account.id)


@retried
def create_token(service: Service, scope: Scope, slug: str | None) -> str:
    """Make an API token, of all sites where none is named, and give it.

    :raises NotFound: there is no such site.
    """
    site_id = site_of(service, slug).id if slug else None
    with transaction() as tx:
        return api_tokens.create(tx, scope, site_id, service.now())
