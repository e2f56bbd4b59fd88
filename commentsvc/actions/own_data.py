"""`/me`: who reads the mail of an address sees, takes along and erases what belongs to it.

Everybody is answered alike, by the same statements: whether anything is known is looked up later, by who sends mail.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from commentsvc.actions import following, persons
from commentsvc.actions.erase_person import AT_ONCE, erase_comments, erase_person
from commentsvc.audit.trail import OWNER
from commentsvc.errors import OutOfDate
from commentsvc.ids import fresh_secret
from commentsvc.model import CAME_BACK, EventKind, MailEnd, PersonFile, QuestionKind
from commentsvc.moderation import addresses
from commentsvc.privacy.mailboxes import Mailbox, mail_lookups, mailbox_of, spelling_of
from commentsvc.privacy.sealing import lookups
from commentsvc.records import Follow, Lookups, NewEvent
from commentsvc.service import Service
from commentsvc.storage.retries import retried
from commentsvc.storage.unit_of_work import UnitOfWork

GOOD_FOR = timedelta(hours=1)
A_DAY = timedelta(days=1)
MOST_A_DAY = 3  # questions to one address, no matter who causes them


@dataclass(frozen=True, slots=True)
class OwnFollow:
    """What one is told of, or was until it was stopped, and how one stops or resumes it: by its number."""

    id: int
    title: str
    url: str
    all_comments: bool
    stopped: bool
    confirmed: bool


@dataclass(frozen=True, slots=True)
class OwnData:
    """What belongs to an address, and whether all mail to it was stopped."""

    file: PersonFile
    follows: list[OwnFollow]
    stopped: bool


@dataclass(frozen=True, slots=True)
class _Owner:
    email: str
    by: Lookups
    mail: Lookups
    is_theirs: Callable[[str], bool]


@retried
def ask(service: Service, email: str, lang: str) -> None:
    """Let a link to what belongs to *email* be mailed there, if anything does.

    :raises Invalid: it is no address.
    """
    email = persons.address_of_person(email)
    by, spelling = lookups(email, service.address_keys), spelling_of(email, service.address_keys)
    now = service.now().replace(microsecond=0)
    secret = fresh_secret(service.random_bytes)
    with service.unit_of_work() as work:
        question = work.questions.add(secret, QuestionKind.ACCESS, by[0], lang, now, now + GOOD_FOR)
        data = {"question": question, "lookups": [one.hex() for one in by], "spelling": spelling.hex()}
        work.events.add(NewEvent(kind=EventKind.ASKED, at=now, data=data, only=following.LISTENER))


def may_be_asked(service: Service, work: UnitOfWork, by: Lookups) -> bool:
    """Whether one more question may go to an address today."""
    return work.questions.count(by, service.now() - A_DAY) < MOST_A_DAY


def mailboxes(
    service: Service, work: UnitOfWork, by: Lookups, spelling: bytes | None = None
) -> list[tuple[int, Mailbox]]:
    """The mailboxes that are found as one address, each with the newest comment that names it.

    :param spelling: of the one that is meant: where it is among them, it is the only one.
    """
    found: dict[bytes | None, tuple[int, Mailbox]] = {}
    for row in work.persons.addresses(by):
        mailbox = mailbox_of(row.sealed, row.public_id, service.address_keys)
        if mailbox is not None:
            found.setdefault(mailbox.spelling, (row.row_id, mailbox))
        if spelling in found:
            break
    return [found[spelling]] if spelling in found else list(found.values())


def show(service: Service, work: UnitOfWork, token: str) -> OwnData:
    """Give what belongs to the address to which the link with *token* was mailed.

    :raises NotFound: there is no such link.
    :raises OutOfDate: it was good once, or what it was about is erased.
    """
    owner = _owner(service, work, token)
    ended = work.mail_addresses.why_ended(owner.mail)
    return OwnData(
        file=persons.export_own(service, work, owner.email, owner.is_theirs),
        follows=[
            _shown(service, work, one, has_come_back=ended in CAME_BACK)
            for one in _follows(service, work, owner)
        ],
        stopped=ended is MailEnd.STOPPED,
    )


def erase(service: Service, token: str, *, keep_text: bool) -> None:
    """Erase what belongs to the address, or leave the texts of its comments, by nobody.

    :raises NotFound, OutOfDate: as `show` does.
    """
    with service.reading() as work:
        owner = _owner(service, work, token)
        is_alone = len(mailboxes(service, work, owner.by)) == 1
    if is_alone:
        erase_person(service, None, owner.email, None, keep_text=keep_text, actor=OWNER)
        return
    while _erase_some(service, owner, keep_text=keep_text):  # another mailbox is found as this one
        service.database.forget_erased()


@retried
def _erase_some(service: Service, owner: _Owner, *, keep_text: bool) -> bool:
    now = service.now()
    with service.unit_of_work() as work:
        theirs = (
            row.public_id
            for row in work.persons.addresses(owner.by)
            if (email := addresses.opened_for_owner(work, row.row_id, service.address_keys))
            and owner.is_theirs(email)
        )
        found = list(islice(theirs, AT_ONCE))
        comments = [comment for one in found if (comment := work.comments.by_public_id(one))]
        for thread_id in sorted({comment.thread_id for comment in comments}):
            work.threads.lock(thread_id)
        comments = [comment for one in found if (comment := work.comments.by_public_id(one))]
        erase_comments(work, comments, now, keep_text=keep_text)
    return bool(found)


@retried
def set_follow(service: Service, token: str, follow_id: int | None, *, stopped: bool) -> None:
    """Stop or resume mail that one asked for, or all of it where none is named.

    :raises NotFound, OutOfDate: as `show` does.
    """
    now = service.now().replace(microsecond=0)
    with service.unit_of_work() as work:
        owner = _owner(service, work, token)
        own = _follows(service, work, owner)
        if follow_id is None:
            if stopped:
                following.stop_everything(service, work, own, now)
                work.mail_addresses.end(owner.mail[0], MailEnd.STOPPED, now)
            else:
                work.mail_addresses.begin(owner.mail)
        else:
            changes = {"stopped_at": now} if stopped else {"stopped_at": None, "confirmed_at": now}
            for one in own:
                if one.id == follow_id:
                    work.follows.change([one.id], person=_person(service, work, one), **changes)
                    if not stopped:
                        _begin_again(work, owner, one, now)


def _begin_again(work: UnitOfWork, owner: _Owner, follow: Follow, now: datetime) -> None:
    """The address works, as its owner came here by a mail to it; what was answered before it was confirmed comes now."""
    if work.mail_addresses.why_ended(owner.mail) in CAME_BACK:
        work.mail_addresses.begin(owner.mail)
    if follow.confirmed_at is None:
        data = {"confirmed": follow.id}
        work.events.add(NewEvent(kind=EventKind.CONFIRMED, at=now, data=data, only=following.LISTENER))


def _person(service: Service, work: UnitOfWork, follow: Follow) -> str:
    """Who is told of what: one who was not asked yet, as the comment waits, is nobody so far."""
    mailbox = following.mailbox_of_follow(service, follow)
    known = following.person_of(service, work, mailbox) if mailbox and not follow.person else follow.person
    return known or fresh_secret(service.random_bytes)


def _owner(service: Service, work: UnitOfWork, token: str) -> _Owner:
    try:
        question = following.question_of(service, work, QuestionKind.ACCESS, token)
    except OutOfDate:
        raise OutOfDate(following.FORGOTTEN) from None
    keys = service.address_keys
    email = addresses.opened_for_owner(work, question.comment_id or 0, keys)
    if email is None:
        raise OutOfDate(following.FORGOTTEN)
    spelling = spelling_of(email, keys)
    return _Owner(
        email,
        lookups(email, keys),
        mail_lookups(email, keys),
        lambda other: spelling_of(other, keys) == spelling,
    )


def _follows(service: Service, work: UnitOfWork, owner: _Owner) -> list[Follow]:
    spelling = spelling_of(owner.email, service.address_keys)
    return [
        one
        for one in work.follows.of_lookups(owner.by)
        if (box := mailbox_of(one.sealed, one.comment, service.address_keys)) and box.spelling == spelling
    ]


def _shown(service: Service, work: UnitOfWork, follow: Follow, *, has_come_back: bool) -> OwnFollow:
    """What one is told of; nothing comes where mail has come back, until one starts again."""
    title, url = following.thread_shown(service, work, follow)
    return OwnFollow(
        id=follow.id,
        title=title,
        url=url,
        all_comments=follow.kind == "all",
        stopped=follow.stopped_at is not None or has_come_back,
        confirmed=follow.confirmed_at is not None,
    )
