"""Sign in and out, one's own password and sessions, and the operator's work on accounts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from commentsvc.access import accounts, passwords, sessions
from commentsvc.actions import sites
from commentsvc.audit.trail import OPERATOR, STRANGER, Kind, record
from commentsvc.errors import Invalid, NotFound
from commentsvc.intake.fields import read_email, read_name
from commentsvc.model import Moderator, Role, SignedInSession
from commentsvc.records import StoredAccount
from commentsvc.service import Service
from commentsvc.storage.database import CANNOT_WRITE, retried
from commentsvc.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody with a session: who it is, and which of their sessions asks."""

    account: StoredAccount
    moderator: Moderator
    session: str


@retried
def sign_in(service: Service, email: str, password: str, browser: str) -> str | None:
    """Begin a session and give its secret, if the password is the account's own.

    :param browser: what the person is shown of it, such as `Firefox, Linux`.
    """
    with service.reading() as work:
        account = accounts.verified(work, email, password)
    with service.unit_of_work() as work:
        if account is None:
            record(work, service, STRANGER, Kind.SIGN_IN_FAILED, **_named(service, work, email))
            return None
        if fresh := accounts.renewed_hash(account, password):
            work.accounts.set_password(account.id, fresh)
        return _begin(work, service, account, browser)


def _named(service: Service, work: UnitOfWork, email: str) -> dict[str, str]:
    """The account that was tried; an address that has none is a keyed hash, the same for each try."""
    login = accounts.normalised_login(email)
    account = work.accounts.by_email(login)
    if account is not None:
        return {"account": account.public_id}
    return {"unknown": service.keys.sign("audit of sign-ins", login)}


def _begin(work: UnitOfWork, service: Service, account: StoredAccount, browser: str) -> str:
    secret, public_id = sessions.begin(work, account.id, browser, service.settings, service.now())
    record(work, service, accounts.actor(account), Kind.SIGN_IN, session=public_id, browser=browser)
    return secret


@retried
def signed_in(service: Service, secret: str) -> SignedIn | None:
    """Give who a session belongs to, if it still holds, and note that it is in use."""
    now = service.now()
    with service.reading() as work:
        session = sessions.holder(work, secret, service.settings, now)
        account = work.accounts.by_id(session.account_id) if session else None
    if session is None or account is None:
        return None
    if sessions.needs_touch(session, service.settings, now):
        with (
            suppress(*CANNOT_WRITE),
            service.unit_of_work(patience=0) as work,
        ):  # who reads waits for no writer
            work.sessions.touch(session.public_id, now)
    return SignedIn(account, accounts.moderator(account), session.public_id)


@retried
def sign_out(service: Service, who: SignedIn) -> None:
    """End all sessions of somebody, on all devices."""
    with service.unit_of_work() as work:
        ended = work.sessions.end_all(who.account.id)
        record(work, service, who.moderator.actor, Kind.SIGN_OUT, sessions=ended)


def list_sessions(service: Service, work: UnitOfWork, who: SignedIn) -> list[SignedInSession]:
    """Give one's own sessions that still hold, the one used last first."""
    now = service.now()
    return [
        SignedInSession(one.public_id, one.browser, one.began_at, one.used_at, one.public_id == who.session)
        for one in work.sessions.of_account(who.account.id)
        if sessions.is_open(one, service.settings, now)
    ]


@retried
def end_session(service: Service, who: SignedIn, session: str) -> None:
    """End one of one's own sessions.

    :raises NotFound: no account, token or session has that id.
    """
    with service.unit_of_work() as work:
        if not work.sessions.end(who.account.id, session):
            raise NotFound("You have no such session; it may have ended.")
        record(work, service, who.moderator.actor, Kind.SESSION_ENDED, session=session)


@retried
def change_own_password(service: Service, who: SignedIn, current: str, new: str, browser: str) -> str:
    """Change one's own password and end all sessions; give the secret of the one that begins.

    :raises Invalid: the current password is not that, or the new one will not do.
    """
    with service.reading() as work:
        is_verified = accounts.verified(work, who.account.email, current) is not None
        words = list(_words_of_sites(service, work))
    if not is_verified:
        raise Invalid({"current": ["This is not your current password."]})
    _check_password(words, new, who.account.email, who.account.name, field="new")
    with service.unit_of_work() as work:
        _replace_password(work, who.account, new)
        record(work, service, who.moderator.actor, Kind.PASSWORD_CHANGED, account=who.account.public_id)
        return _begin(work, service, who.account, browser)


@retried
def add_user(
    service: Service, email: str, password: str, role: Role, slugs: Sequence[str], name: str | None = None
) -> None:
    """Make an account, of all sites where none is named.

    :raises Invalid: the address, the name or the password will not do.
    :raises NotFound: there is no such site.
    """
    with service.reading() as work:
        chosen = [sites.site_of(service, work, slug) for slug in slugs]
        words = list(_words_of_sites(service, work))
    try:
        address = read_email(email)
        name = read_name(name) if name else None
        _check_password(words, password, address, name, field="user")
        with service.unit_of_work() as work:
            site_ids = [site.id for site in chosen] or None
            account = accounts.create(work, address, name, password, role, site_ids, service.now())
            of = [site.slug for site in chosen] or None
            record(work, service, OPERATOR, Kind.USER_ADDED, account=account, role=str(role), sites=of)
    except ValueError as wrong:
        raise Invalid({"user": [str(wrong)]}) from None


def list_users(work: UnitOfWork) -> list[StoredAccount]:
    """Give all accounts, by address."""
    return work.accounts.all_accounts()


@retried
def remove_user(service: Service, email: str) -> None:
    """Remove an account.

    :raises NotFound: no account, token or session has that address.
    """
    with service.unit_of_work() as work:
        account = _account_of(work, email)
        work.accounts.remove(account.id)
        record(work, service, OPERATOR, Kind.USER_REMOVED, account=account.public_id)


@retried
def set_role(service: Service, email: str, role: Role) -> None:
    """Give an account another role, from its next request on.

    :raises NotFound: no account, token or session has that address.
    """
    with service.unit_of_work() as work:
        account = _account_of(work, email)
        work.accounts.set_role(account.id, role)
        before = {"from": str(account.role), "to": str(role)}
        record(work, service, OPERATOR, Kind.USER_ROLE, account=account.public_id, **before)


@retried
def set_password(service: Service, email: str, password: str) -> None:
    """Give an account another password, and end its sessions.

    :raises NotFound: no account, token or session has that address.
    :raises Invalid: the password will not do.
    """
    with service.reading() as work:
        account = _account_of(work, email)
        words = list(_words_of_sites(service, work))
    _check_password(words, password, account.email, account.name, field="user")
    with service.unit_of_work() as work:
        _replace_password(work, account, password)
        record(work, service, OPERATOR, Kind.PASSWORD_CHANGED, account=account.public_id)


@retried
def sign_user_out(service: Service, email: str) -> int:
    """End all sessions of an account; give how many there were.

    :raises NotFound: no account, token or session has that address.
    """
    with service.unit_of_work() as work:
        account = _account_of(work, email)
        ended = work.sessions.end_all(account.id)
        record(work, service, OPERATOR, Kind.USER_SIGNED_OUT, account=account.public_id, sessions=ended)
    return ended


def _account_of(work: UnitOfWork, email: str) -> StoredAccount:
    account = work.accounts.by_email(accounts.normalised_login(email))
    if account is None:
        raise NotFound(f"{email} has no account; “commentsvc user list” shows those there are.")
    return account


def _replace_password(work: UnitOfWork, account: StoredAccount, password: str) -> None:
    accounts.set_password(work, account, password)
    work.sessions.end_all(account.id)


def _check_password(words: Sequence[str], password: str, login: str, name: str | None, *, field: str) -> None:
    try:
        passwords.check(password, [login, name or "", *words])
    except ValueError as wrong:
        raise Invalid({field: [str(wrong)]}) from None


def _words_of_sites(service: Service, work: UnitOfWork) -> Iterator[str]:
    """What stands for this service and its sites: hosts and slugs."""
    for site in sites.all_sites(service, work):
        yield site.slug
        for origin in site.origins:
            yield urlsplit(origin).hostname or ""
