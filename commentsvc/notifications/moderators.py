"""Moderators are told of what waits and of what was reported, and everybody with an account of attempts to sign in to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from commentsvc.access.accounts import normalised_login
from commentsvc.access.permissions import OF_ROLE
from commentsvc.model import EventKind, MessageKind, Permission, State, WaitingMail
from commentsvc.moderation.addresses import lookups_of
from commentsvc.moderation.reports import address_of
from commentsvc.privacy.mailboxes import mail_lookups
from commentsvc.privacy.sealing import lookups
from commentsvc.records import (
    NewEvent,
    NewMessage,
    StoredAccount,
    StoredComment,
    StoredEvent,
    StoredMailChoice,
)
from commentsvc.service import Service
from commentsvc.storage.moderators_mail import NEVER_CHOSEN
from commentsvc.storage.unit_of_work import UnitOfWork

GATHERED = {WaitingMail.HOURLY: timedelta(hours=1), WaitingMail.DAILY: timedelta(days=1)}
STILL_JOINED = timedelta(seconds=5)  # before a mail is due: what is added to it is stored when it is sent
ATTEMPTS_EVERY = timedelta(hours=1)
FIRST, USUAL = "mail:first", "mail"  # lanes

MOST_REPORTS = 1_000  # of one comment that are open

# On which occasion a comment waits: of each, each moderator is told once, for ever.
NEW, OBJECTED = 0, -1  # after an edit, the comment's revision


class Moderators:
    """Makes mails for moderators; see `notifications.kind.Listener`."""

    name = "moderators"

    def messages(
        self, service: Service, work: UnitOfWork, event: StoredEvent
    ) -> Iterable[NewMessage | NewEvent]:
        """Tell each who wants to know, and may decide."""
        if service.settings.smtp_url is None:
            return ()
        if event.kind is EventKind.ATTEMPTED:
            return _of_attempt(service, work, event)
        if event.kind is EventKind.HOOK_DISABLED:
            return _of_hook(service, work, event)
        if event.comment_id is None or event.kind not in {
            EventKind.HELD,
            EventKind.OBJECTED,
            EventKind.REPORTED,
        }:
            return ()
        comment = work.comments.of_row(event.comment_id)
        if comment is None:
            return ()
        if event.kind is EventKind.REPORTED:
            return _of_report(service, work, event, comment)
        return _of_waiting(service, work, event, comment)


def wants_of(account: StoredAccount, choice: StoredMailChoice, site_id: int) -> bool:
    """Whether that person may decide on that site, and wants to be told of it."""
    return (
        Permission.DECIDE in OF_ROLE[account.role]
        and (account.sites is None or site_id in account.sites)
        and (choice.sites is None or site_id in choice.sites)
    )


def _of_waiting(
    service: Service, work: UnitOfWork, event: StoredEvent, comment: StoredComment
) -> Iterator[NewMessage]:
    if comment.state is not State.PENDING:
        return
    occasion = NEW
    if event.kind is EventKind.OBJECTED:
        occasion = OBJECTED
    elif event.data.get("edited"):
        occasion = comment.revision
    now = service.now()
    for account, choice in _receivers(service, work, event, comment):
        if choice.waiting is WaitingMail.NONE:
            continue
        choice = work.moderators_mail.locked(account.id)
        batch, due_at = _batch(choice, now)
        if not work.moderators_mail.note(account.id, comment.id, occasion, batch):
            continue
        if batch != choice.batch:
            work.moderators_mail.begin_batch(account.id, batch, due_at)
            data = {"account": account.id, "batch": batch}
            yield _message(service, account, "waiting", data, due_at=due_at)


def _batch(choice: StoredMailChoice, now: datetime) -> tuple[int, datetime]:
    """In which mail somebody is told of what waits now, and when that is sent.

    The first is sent at once, and what follows within the hour, or the day, as one.
    """
    gathered = GATHERED.get(choice.waiting)
    if gathered is None or choice.due_at is None:
        return choice.batch + 1, now
    if choice.due_at - STILL_JOINED > now:
        return choice.batch, choice.due_at
    # Never later than that from now on, even where the clock was set back.
    return choice.batch + 1, min(max(now, choice.due_at + gathered), now + gathered)


def _of_report(
    service: Service, work: UnitOfWork, event: StoredEvent, comment: StoredComment
) -> Iterator[NewMessage]:
    reported_by = _reported_by(service, work, event, comment)
    for account, choice in _receivers(service, work, event, comment):
        if choice.reports and normalised_login(account.email) != reported_by:
            data = {"account": account.id, "comment": comment.id}
            once = f"report:{comment.public_id}:{account.public_id}"
            yield _message(service, account, "report", data, site_id=comment.site_id, once=once)


def _reported_by(service: Service, work: UnitOfWork, event: StoredEvent, comment: StoredComment) -> str:
    """The address that the reporter gave, as that of an account is spelled; empty where there is none."""
    for _, report in work.reports.open_of([comment.public_id], MOST_REPORTS):
        if report.public_id == event.data["report"]:
            return normalised_login(address_of(report.public_id, report.sealed, service.address_keys))
    return ""


def _receivers(
    service: Service, work: UnitOfWork, event: StoredEvent, comment: StoredComment
) -> Iterator[tuple[StoredAccount, StoredMailChoice]]:
    """Who may decide about *comment* and wants to know, apart from who did this themselves or wrote the comment."""
    choices, invited = work.moderators_mail.choices(), work.invitations.ends()
    written_by = lookups_of(work, comment.id, service.address_keys)
    for account in work.accounts.all_accounts():
        choice = choices.get(account.id, NEVER_CHOSEN)
        if account.public_id == event.by or account.id in invited:
            continue
        if not wants_of(account, choice, comment.site_id):
            continue
        if written_by and set(written_by) & set(lookups(account.email, service.address_keys)):
            continue
        yield account, choice


def _of_attempt(service: Service, work: UnitOfWork, event: StoredEvent) -> Iterator[NewMessage]:
    named = event.data["account"]
    account = None if named is None else work.accounts.by_public_id(named)
    if account is None:
        return
    told_at = work.moderators_mail.locked(account.id).attempts_told_at
    if told_at is not None and timedelta() <= event.at - told_at < ATTEMPTS_EVERY:
        return
    work.moderators_mail.note_attempts(account.id, event.at)
    data = {"account": account.id, "step": event.data["step"], "at": event.at.isoformat()}
    yield _message(service, account, "account", data, lane=FIRST)


def _of_hook(service: Service, work: UnitOfWork, event: StoredEvent) -> Iterator[NewMessage]:
    for account in work.accounts.all_accounts():
        if Permission.MANAGE in OF_ROLE[account.role] and account.sites is None:
            data = {"account": account.id, "hook": event.data["hook"]}
            yield _message(service, account, "account", data, lane=FIRST)


def _message(
    service: Service,
    account: StoredAccount,
    about: str,
    data: Mapping[str, object],
    *,
    lane: str = USUAL,
    site_id: int | None = None,
    due_at: datetime | None = None,
    once: str | None = None,
) -> NewMessage:
    return NewMessage(
        kind=MessageKind.MAIL,
        about=about,
        receiver=account.email.rpartition("@")[2],
        lane=lane,
        data=data,
        recipient=mail_lookups(account.email, service.address_keys)[0],
        site_id=site_id,
        due_at=due_at,
        once=once,
    )
