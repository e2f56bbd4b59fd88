"""What moderators are told of by mail: each chooses for themselves, and the operator for anybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from commentsvc.access.accounts import actor, normalised_login
from commentsvc.actions import sites
from commentsvc.actions.people import read_person
from commentsvc.audit.trail import OPERATOR, Kind, record
from commentsvc.errors import Forbidden, Invalid, NotFound
from commentsvc.messages import message
from commentsvc.model import CAME_BACK, Actor, MailChoice, Myself, WaitingMail
from commentsvc.privacy.mailboxes import mail_lookups
from commentsvc.records import StoredAccount, StoredMailChoice
from commentsvc.service import Service
from commentsvc.storage.retries import retried
from commentsvc.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class MailChanges:
    """What is to change of what somebody is told of; what is None stays.

    `sites` are slugs in a tuple of one: None in it means all of theirs.
    """

    waiting: WaitingMail | None = None
    reports: bool | None = None
    sites: tuple[Sequence[str] | None] | None = None


def read_myself(service: Service, work: UnitOfWork, account: StoredAccount) -> Myself:
    """Give the person of *account*, with what they are told of."""
    person = read_person(service, work, account)
    return Myself(
        person.id,
        person.email,
        person.name,
        person.role,
        person.sites,
        person.second_factor,
        person.invited_until,
        mail_of(service, work, account),
    )


def mail_of(service: Service, work: UnitOfWork, account: StoredAccount) -> MailChoice:
    """Give what the person of *account* is told of."""
    choice = work.moderators_mail.choice(account.id)
    slugs = {site.id: site.slug for site in sites.all_sites(service, work)}
    chosen = None if choice.sites is None else sorted(slugs[one] for one in choice.sites)
    return MailChoice(choice.waiting, choice.reports, chosen)


def has_come_back(service: Service, work: UnitOfWork, account: StoredAccount) -> bool:
    """Whether mail to that account came back, or was complained of, so that none is sent until its choices are saved again."""
    return work.mail_addresses.why_ended(mail_lookups(account.email, service.address_keys)) in CAME_BACK


@retried
def change_own_mail(service: Service, account: StoredAccount, changes: MailChanges) -> Myself:
    """Change what one is told of.

    :raises Invalid: the sites are none.
    :raises NotFound: a site is not there.
    :raises Forbidden: a site is not one's own.
    """
    with service.unit_of_work() as work:
        _change(service, work, account, changes, actor(account))
        return read_myself(service, work, account)


@retried
def change_mail_of(service: Service, email: str, changes: MailChanges) -> MailChoice:
    """Change what somebody is told of, for the operator; give what holds then.

    :raises NotFound: no account has that address, or a site is not there.
    :raises Invalid, Forbidden: as `change_own_mail` does.
    """
    with service.unit_of_work() as work:
        account = work.accounts.by_email(normalised_login(email))
        if account is None:
            raise NotFound(f"{email} has no account; “commentsvc user list” shows those there are.")
        if changes != MailChanges():
            _change(service, work, account, changes, OPERATOR)
        return mail_of(service, work, account)


def _change(
    service: Service, work: UnitOfWork, account: StoredAccount, changes: MailChanges, by: Actor
) -> None:
    site_ids = None if changes.sites is None else _site_ids(service, work, account, changes.sites[0])
    before = work.moderators_mail.locked(account.id)
    after = StoredMailChoice(
        waiting=before.waiting if changes.waiting is None else changes.waiting,
        reports=before.reports if changes.reports is None else changes.reports,
        sites=before.sites if changes.sites is None else site_ids,
        language=before.language,
        batch=before.batch,
        due_at=before.due_at,
        attempts_told_at=before.attempts_told_at,
    )
    theirs = mail_lookups(account.email, service.address_keys)
    if work.mail_addresses.why_ended(theirs) in CAME_BACK:  # who saves it wants it to be tried again
        work.mail_addresses.begin(theirs)
    if after != before:
        chosen = None if after.sites is None else sorted(after.sites)
        work.moderators_mail.choose(account.id, after.waiting, after.reports, chosen)
        record(work, service, by, Kind.USER_CHANGED, account=account.public_id, changed=["mail"])


def _site_ids(
    service: Service, work: UnitOfWork, account: StoredAccount, slugs: Sequence[str] | None
) -> frozenset[int] | None:
    if slugs is None:
        return None
    if not slugs:
        raise Invalid({"sites": [message("Name at least one site, or null where all are meant.")]})
    named = [sites.site_of(service, work, slug) for slug in slugs]
    for site in named:
        if account.sites is not None and site.id not in account.sites:
            raise Forbidden(message("The site “%(site)s” is not yours to moderate.", site=site.slug))
    return frozenset(site.id for site in named)
