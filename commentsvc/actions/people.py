"""Look after people: invite them, change what they may do, remove them, and accept an invitation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from commentsvc.access import accounts, invitations
from commentsvc.access.permissions import require_everywhere
from commentsvc.actions import sites
from commentsvc.actions.accounts import (
    begin_session,
    check_password,
    is_unchanged,
    open_sessions,
    words_of_sites,
)
from commentsvc.actions.admins import acting_admin
from commentsvc.audit.trail import Kind, record
from commentsvc.errors import Invalid, LastAdmin, NotFound
from commentsvc.intake.fields import read_email, read_name
from commentsvc.messages import message
from commentsvc.model import (
    NAMELESS,
    Actor,
    Browser,
    InvitedPerson,
    Moderator,
    Permission,
    Person,
    Role,
    SignedInSession,
)
from commentsvc.records import StoredAccount
from commentsvc.service import Service
from commentsvc.storage.retries import retried
from commentsvc.storage.unit_of_work import UnitOfWork

NOT_GOOD = message(
    "This invitation was used, withdrawn or replaced, or it has expired. Please ask for a new one."
)


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to change about somebody; what is left out, or False, stays.

    `sites` are slugs in a tuple of one: None in it means all sites, as a name of None means none.
    """

    role: Role | None = None
    sites: tuple[Sequence[str] | None] | None = None
    name: tuple[str | None] | None = None
    reset_second_factor: bool = False


def list_people(service: Service, work: UnitOfWork, moderator: Moderator) -> list[Person]:
    """Give all people, by address.

    :raises Forbidden: this is no admin of all sites.
    """
    require_everywhere(moderator, Permission.MANAGE)
    slugs = {site.id: site.slug for site in sites.all_sites(service, work)}
    ends, strong = work.invitations.ends(), work.second_factors.accounts()
    return [
        _person(account, slugs, account.id in strong, ends.get(account.id))
        for account in work.accounts.all_accounts()
    ]


def read_person(service: Service, work: UnitOfWork, account: StoredAccount) -> Person:
    """Give one person."""
    slugs = {site.id: site.slug for site in sites.all_sites(service, work)}
    end = work.invitations.ends().get(account.id)
    return _person(account, slugs, work.second_factors.has_any(account.id), end)


@retried
def invite(
    service: Service,
    moderator: Moderator | None,
    email: str,
    role: Role,
    slugs: Sequence[str] | None,
    name: str | None = None,
) -> InvitedPerson:
    """Invite somebody, to all sites where *slugs* is None; the operator is None.

    Who was invited before and has not come gets another link, and the one of before ends.

    :raises Forbidden: this is no admin of all sites.
    :raises Invalid: the address or the name will not do, it has an account, or *slugs* are none.
    :raises UnknownSite: a site that is named is not there.
    """
    by = acting_admin(moderator)
    errors: dict[str, list[str]] = {}
    try:
        email = read_email(email)
    except ValueError as wrong:
        errors["email"] = [str(wrong)]
    name = _read_name(name, errors)
    if slugs is not None and not slugs:
        errors["sites"] = [message("Name at least one site, or none at all where all are meant.")]
    if errors:
        raise Invalid(errors)
    with service.unit_of_work() as work:
        work.accounts.lock_with_role(Role.ADMIN)  # one invitation at a time: the address must stay free
        site_ids = _site_ids(service, work, slugs)
        account = work.accounts.by_email(accounts.normalised_login(email))
        if account is not None:
            work.accounts.lock_password(account.id)  # nobody accepts the earlier one in between
        if account is None:
            account_id = accounts.create_without_password(work, email, name, role, site_ids, service.now())
        elif account.id in work.invitations.ends():
            account_id = account.id
            work.accounts.set_role(account_id, role)
            work.accounts.set_sites(account_id, site_ids)
            work.accounts.set_name(account_id, name)
        else:
            raise Invalid({"email": [message("%(email)s has an account already.", email=email)]})
        key = invitations.begin(work, account_id, service.now())
        account = work.accounts.by_id(account_id)
        assert account is not None  # noqa: S101 - it was made above
        told = {"account": account.public_id, "role": str(role), "sites": slugs}
        record(work, service, by, Kind.USER_INVITED, **told)
        person = read_person(service, work, account)
    link = invitations.link(service.settings, key)
    return InvitedPerson(
        person.id,
        person.email,
        person.name,
        person.role,
        person.sites,
        person.second_factor,
        person.invited_until,
        link,
    )


def require_invitation(service: Service, work: UnitOfWork, key: str) -> StoredAccount:
    """Give who may accept an invitation.

    :raises Invalid: it is not good any more.
    """
    account_id = work.invitations.account_of(invitations.digest(key), service.now())
    account = None if account_id is None else work.accounts.by_id(account_id)
    if account is None:
        raise Invalid({"key": [NOT_GOOD]})
    return account


@retried
def accept(service: Service, key: str, password: str, name: str | None, browser: Browser) -> str:
    """Accept an invitation: set the password of its account, and give the secret of a session that begins.

    :param name: how others see this person; where it is empty, as the person who invited them said.
    :raises Invalid: the invitation is not good any more, or the password or the name will not do.
    """
    errors: dict[str, list[str]] = {}
    with service.reading() as work:
        account = require_invitation(service, work, key)
        words = list(words_of_sites(service, work))
    name = _read_name(name, errors) or account.name
    try:
        check_password(words, password, account.email, name, field="new")
    except Invalid as wrong:
        errors |= wrong.errors
    if errors:
        raise Invalid(errors)
    with service.unit_of_work() as work:
        is_good = is_unchanged(work, account)
        if not is_good or work.invitations.spend(invitations.digest(key), service.now()) != account.id:
            raise Invalid({"key": [NOT_GOOD]})
        accounts.set_password(work, account, password)
        work.accounts.set_name(account.id, name)
        actor = Actor(account.public_id, name or NAMELESS)
        record(work, service, actor, Kind.INVITATION_ACCEPTED, account=account.public_id)
        return begin_session(work, service, account, browser)


@retried
def change_person(service: Service, moderator: Moderator, public_id: str, changes: Changes) -> Person:
    """Change what somebody may do, from their next request on.

    :raises Forbidden: this is no admin of all sites.
    :raises NotFound: no person has that id, or no site that name.
    :raises Invalid: the name will not do, or the sites are none.
    :raises LastAdmin: nobody else is an admin of all sites.
    """
    by = acting_admin(moderator)
    errors: dict[str, list[str]] = {}
    name = _read_name(changes.name[0], errors) if changes.name else None
    if changes.sites and changes.sites[0] is not None and not changes.sites[0]:
        errors["sites"] = [message("Name at least one site, or null where all are meant.")]
    if errors:
        raise Invalid(errors)
    with service.unit_of_work() as work:
        admins = work.accounts.lock_with_role(Role.ADMIN)
        account = _account_of(work, public_id)
        if changes.role is not None and changes.role is not account.role:
            work.accounts.set_role(account.id, changes.role)
            told = {"from": str(account.role), "to": str(changes.role)}
            record(work, service, by, Kind.USER_ROLE, account=public_id, **told)
        changed = []
        if changes.sites is not None:
            site_ids = _site_ids(service, work, changes.sites[0])
            if account.sites != (None if site_ids is None else frozenset(site_ids)):
                work.accounts.set_sites(account.id, site_ids)
                changed.append("sites")
        if changes.name is not None and name != account.name:
            work.accounts.set_name(account.id, name)
            changed.append("name")
        if changes.reset_second_factor and work.second_factors.has_any(account.id):
            work.second_factors.remove_all(account.id)
            work.sessions.end_all(account.id)
            changed.append("second_factor")
        if changed:
            record(work, service, by, Kind.USER_CHANGED, account=public_id, changed=changed)
        _keep_an_admin(work, admins)
        return read_person(service, work, _account_of(work, public_id))


@retried
def remove_person(service: Service, moderator: Moderator, public_id: str) -> None:
    """Remove somebody, or withdraw an invitation; what they decided stays in the log.

    :raises Forbidden, NotFound, LastAdmin: as `change_person` does.
    """
    by = acting_admin(moderator)
    with service.unit_of_work() as work:
        admins = work.accounts.lock_with_role(Role.ADMIN)
        account = _account_of(work, public_id)
        work.accounts.remove(account.id)
        record(work, service, by, Kind.USER_REMOVED, account=public_id)
        _keep_an_admin(work, admins)


def list_sessions(
    service: Service, work: UnitOfWork, moderator: Moderator, public_id: str | None
) -> list[SignedInSession]:
    """Give the sessions that still hold, of one person or of all, of each the one used last first.

    :raises Forbidden: this is no admin of all sites.
    :raises NotFound: no person has that id.
    """
    acting_admin(moderator)
    theirs = work.accounts.all_accounts() if public_id is None else [_account_of(work, public_id)]
    return [session for account in theirs for session in open_sessions(service, work, account)]


@retried
def end_session(service: Service, moderator: Moderator, public_id: str | None, session: str) -> None:
    """End a session, of one person, or of anybody.

    :raises Forbidden, NotFound: as `list_sessions` does; or they have no such session.
    """
    by = acting_admin(moderator)
    with service.unit_of_work() as work:
        theirs = work.accounts.all_accounts() if public_id is None else [_account_of(work, public_id)]
        account = next((one for one in theirs if work.sessions.end(one.id, session)), None)
        if account is None:
            raise NotFound(message("There is no such session; it may have ended."))
        record(work, service, by, Kind.SESSION_ENDED, session=session, account=account.public_id)


def _keep_an_admin(work: UnitOfWork, before: Sequence[int]) -> None:
    """Refuse what would leave no admin of all sites who has come; the operator's commands do not ask this."""
    invited = work.invitations.ends().keys()
    after = work.accounts.lock_with_role(Role.ADMIN)
    if set(before) - invited and not set(after) - invited:
        raise LastAdmin(message("This is the last admin of all sites. Make somebody else one first."))


def _account_of(work: UnitOfWork, public_id: str) -> StoredAccount:
    account = work.accounts.by_public_id(public_id)
    if account is None:
        raise NotFound(message("There is no such person."))
    return account


def _site_ids(service: Service, work: UnitOfWork, slugs: Sequence[str] | None) -> list[int] | None:
    if slugs is None:
        return None
    return [sites.site_of(service, work, slug).id for slug in dict.fromkeys(slugs)]


def _read_name(name: str | None, errors: dict[str, list[str]]) -> str | None:
    try:
        return read_name(name) if name and name.strip() else None
    except ValueError as wrong:
        errors["name"] = [str(wrong)]
        return None


def _person(
    account: StoredAccount, slugs: dict[int, str], second_factor: bool, invited_until: datetime | None
) -> Person:
    return Person(
        account.public_id,
        account.email,
        account.name,
        account.role,
        None if account.sites is None else sorted(slugs[one] for one in account.sites),
        second_factor,
        invited_until,
    )
