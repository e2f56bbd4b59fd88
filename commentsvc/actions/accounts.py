"""Sign in and out, one's own password and sessions, and the operator's work on accounts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from commentsvc.access import accounts, half_sign_ins, passwords, sessions
from commentsvc.actions import sites
from commentsvc.audit.trail import OPERATOR, STRANGER, Kind, record
from commentsvc.errors import Invalid, NotFound
from commentsvc.intake.fields import read_email, read_name
from commentsvc.messages import message
from commentsvc.model import Browser, EventKind, Moderator, Role, SignedInSession
from commentsvc.records import NewEvent, StoredAccount
from commentsvc.service import Service
from commentsvc.storage.database import CANNOT_WRITE
from commentsvc.storage.retries import retried
from commentsvc.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody with a session: who it is, and which of their sessions asks.

    `lacks_second_factor`: a site of theirs requires one, and they have to set it up before all else.
    """

    account: StoredAccount
    moderator: Moderator
    session: str
    lacks_second_factor: bool


@dataclass(frozen=True, slots=True)
class HalfSignedIn:
    """The password was right, and the account has a second factor; `ticket` is for who gave that password."""

    ticket: str


@retried
def sign_in(service: Service, email: str, password: str, browser: Browser) -> str | HalfSignedIn | None:
    """Begin a session and give its secret, if the password is the account's own and it needs no more than that."""
    with service.reading() as work:
        account = accounts.verified(work, email, password)
    fresh = accounts.renewed_hash(account, password) if account is not None else None
    with service.unit_of_work() as work:
        if account is None or not is_unchanged(work, account):
            named = _named(service, work, email)
            record(work, service, STRANGER, Kind.SIGN_IN_FAILED, **named)
            if not browser.is_known:
                tell_of_attempt(work, service, named.get("account"), "password")
            return None
        if fresh is not None:
            work.accounts.set_password(account.id, fresh)
            account = replace(account, password_hash=fresh)
        if work.second_factors.has_any(account.id):
            return HalfSignedIn(half_sign_ins.ticket(service, account))
        return begin_session(work, service, account, browser)


def is_unchanged(work: UnitOfWork, account: StoredAccount) -> bool:
    """Whether an account that was read before is there, with the same password; it stays so until the end.

    So no session begins with a password that is changed at the same time.
    """
    return work.accounts.lock_password(account.id) == account.password_hash


def _named(service: Service, work: UnitOfWork, email: str) -> dict[str, str]:
    """The account that was tried; an address that has none is a keyed hash, the same for each try."""
    login = accounts.normalised_login(email)
    account = work.accounts.by_email(login)
    if account is not None:
        return {"account": account.public_id}
    return {"unknown": service.keys.sign("audit of sign-ins", login)}


def begin_session(
    work: UnitOfWork, service: Service, account: StoredAccount, browser: Browser, **how: str
) -> str:
    """Begin a session of *account* and give its secret; *how* goes into the audit trail."""
    secret, public_id = sessions.begin(work, account.id, browser.name, service.settings, service.now())
    if work.moderators_mail.locked(account.id).language != browser.language:
        work.moderators_mail.note_language(account.id, browser.language)
    record(
        work, service, accounts.actor(account), Kind.SIGN_IN, session=public_id, browser=browser.name, **how
    )
    return secret


def tell_of_attempt(work: UnitOfWork, service: Service, account: str | None, step: str) -> None:
    """Write down that somebody failed to sign in, for who has that account to be told of it.

    It is written where there is no such account, too, so that it takes as long.

    :param step: what was wrong: `password`, or `second factor`, where the password was right.
    """
    data = {"account": account, "step": step}
    work.events.add(NewEvent(kind=EventKind.ATTEMPTED, at=service.now(), data=data))


@retried
def signed_in(service: Service, secret: str) -> SignedIn | None:
    """Give who a session belongs to, if it still holds, and note that it is in use."""
    now = service.now()
    with service.reading() as work:
        session = sessions.holder(work, secret, service.settings, now)
        account = work.accounts.by_id(session.account_id) if session else None
        if session is None or account is None:
            return None
        needs_second_factor = lacks_second_factor(work, account)
    if sessions.needs_touch(session, service.settings, now):
        with (
            suppress(*CANNOT_WRITE),
            service.unit_of_work(patience=0) as work,
        ):  # who reads waits for no writer
            work.sessions.touch(session.public_id, now)
    return SignedIn(account, accounts.moderator(account), session.public_id, needs_second_factor)


def lacks_second_factor(work: UnitOfWork, account: StoredAccount) -> bool:
    """Whether a site of that account requires a second factor, and it has none."""
    requiring = work.sites.requiring_second_factor()
    concerned = requiring if account.sites is None else requiring & account.sites
    return bool(concerned) and not work.second_factors.has_any(account.id)


@retried
def sign_out(service: Service, who: SignedIn) -> None:
    """End all sessions of somebody, on all devices."""
    with service.unit_of_work() as work:
        ended = work.sessions.end_all(who.account.id)
        record(work, service, who.moderator.actor, Kind.SIGN_OUT, sessions=ended)


def list_sessions(service: Service, work: UnitOfWork, who: SignedIn) -> list[SignedInSession]:
    """Give one's own sessions that still hold, the one used last first."""
    return open_sessions(service, work, who.account, who.session)


def open_sessions(
    service: Service, work: UnitOfWork, account: StoredAccount, current: str | None = None
) -> list[SignedInSession]:
    """Give the sessions of *account* that still hold, the one used last first; the *current* one asks."""
    now = service.now()
    return [
        SignedInSession(
            one.public_id,
            account.public_id,
            sessions.shown(one.browser),
            one.began_at,
            one.used_at,
            one.public_id == current,
        )
        for one in work.sessions.of_account(account.id)
        if sessions.is_open(one, service.settings, now)
    ]


@retried
def end_session(service: Service, who: SignedIn, session: str) -> None:
    """End one of one's own sessions.

    :raises NotFound: no account, token or session has that id.
    """
    with service.unit_of_work() as work:
        if not work.sessions.end(who.account.id, session):
            raise NotFound(message("You have no such session; it may have ended."))
        record(work, service, who.moderator.actor, Kind.SESSION_ENDED, session=session)


@retried
def change_own_password(service: Service, who: SignedIn, current: str, new: str, browser: Browser) -> str:
    """Change one's own password and end all sessions; give the secret of the one that begins.

    :raises Invalid: the current password is not that, or the new one will not do.
    """
    with service.reading() as work:
        is_verified = accounts.verified(work, who.account.email, current) is not None
        words = list(words_of_sites(service, work))
    if not is_verified:
        raise Invalid({"current": [message("This is not your current password.")]})
    check_password(words, new, who.account.email, who.account.name, field="new")
    with service.unit_of_work() as work:
        _replace_password(work, who.account, new)
        record(work, service, who.moderator.actor, Kind.PASSWORD_CHANGED, account=who.account.public_id)
        return begin_session(work, service, who.account, browser)


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
        words = list(words_of_sites(service, work))
    try:
        address = read_email(email)
        name = read_name(name) if name else None
        check_password(words, password, address, name, field="user")
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
        words = list(words_of_sites(service, work))
    check_password(words, password, account.email, account.name, field="user")
    with service.unit_of_work() as work:
        _replace_password(work, account, password)
        work.invitations.remove(account.id)
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


@retried
def reset_second_factor(service: Service, email: str) -> None:
    """Remove all second factors of an account, whose owner has lost them, and end its sessions.

    :raises NotFound: no account has that address, or it has no second factor.
    """
    with service.unit_of_work() as work:
        account = _account_of(work, email)
        if not work.second_factors.has_any(account.id):
            raise NotFound(f"{email} has no second factor.")
        work.second_factors.remove_all(account.id)
        work.sessions.end_all(account.id)
        record(work, service, OPERATOR, Kind.SECOND_FACTOR_REMOVED, account=account.public_id, factor="all")


def _account_of(work: UnitOfWork, email: str) -> StoredAccount:
    account = work.accounts.by_email(accounts.normalised_login(email))
    if account is None:
        raise NotFound(f"{email} has no account; “commentsvc user list” shows those there are.")
    return account


def _replace_password(work: UnitOfWork, account: StoredAccount, password: str) -> None:
    accounts.set_password(work, account, password)
    work.sessions.end_all(account.id)


def check_password(words: Sequence[str], password: str, login: str, name: str | None, *, field: str) -> None:
    """Let a password pass that will do for the account of *login*.

    :raises Invalid: it will not; *field* says why.
    """
    try:
        passwords.check(password, [login, name or "", *words])
    except ValueError as wrong:
        raise Invalid({field: [str(wrong)]}) from None


def words_of_sites(service: Service, work: UnitOfWork) -> Iterator[str]:
    """What stands for this service and its sites: hosts and slugs."""
    for site in sites.all_sites(service, work):
        yield site.slug
        for origin in site.origins:
            yield urlsplit(origin).hostname or ""
