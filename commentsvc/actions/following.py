"""Mail about comments: confirm that it is wanted, and stop it, by the links in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from commentsvc.errors import LinkForgotten, MailStopped, NotFound, OutOfDate
from commentsvc.intake import mail_links
from commentsvc.messages import message
from commentsvc.model import EventKind, MailEnd, QuestionKind
from commentsvc.privacy.mailboxes import Mailbox, mailbox_of
from commentsvc.publishing.public import thread_url
from commentsvc.records import Follow, NewEvent, Question, StoredComment
from commentsvc.service import Service
from commentsvc.storage.retries import retried
from commentsvc.storage.unit_of_work import UnitOfWork
from commentsvc.threads.titles import title_of

LISTENER = "followers"  # that is told what was confirmed, and what is asked for
OUT_OF_DATE = message(
    "This link is out of date. Tick the box again with your next comment; then you get a new one."
)
STOPPED = message("You stopped all emails.")
FORGOTTEN = message("This link is out of date. Please ask for a new one.")
THREAD, EVERYTHING = "t", "a"  # what stands before the secret in a stop link


@dataclass(frozen=True, slots=True)
class Stop:
    """What a stop link stops: mail about the thread of *title* and *url*, or all mail where *everything* is true."""

    everything: bool
    title: str
    url: str


def question_of(service: Service, work: UnitOfWork, kind: QuestionKind, token: str) -> Question:
    """The question in whose link *token* stands, if it is still good.

    :raises NotFound: there is no such link.
    :raises OutOfDate: it was good once.
    :raises MailStopped: and all mail to that address was stopped since, so that no other link will come.
    :raises LinkForgotten: nothing is known of it any more.
    """
    question = work.questions.by_public_id(mail_links.read_token(service, kind, token))
    if question is None or question.comment_id is None:
        raise LinkForgotten(FORGOTTEN)
    if question.expires_at <= service.now():
        raise _out_of_date(service, work, work.follows.of_comment(question.comment_id))
    return question


def _out_of_date(service: Service, work: UnitOfWork, follow: Follow | None) -> OutOfDate:
    """Why a question about *follow* is not to be answered any more, and what to do."""
    mailbox = mailbox_of_follow(service, follow)
    if mailbox is not None and work.mail_addresses.why_ended(mailbox.mail) is MailEnd.STOPPED:
        return MailStopped(STOPPED)
    return OutOfDate(OUT_OF_DATE)


@retried
def confirm(service: Service, token: str) -> None:
    """Let mail that was asked for be sent: to that mailbox, for who has the author key with which it was asked for.

    :raises NotFound, OutOfDate: as `question_of` does.
    """
    now = service.now().replace(microsecond=0)
    with service.unit_of_work() as work:
        question = question_of(service, work, QuestionKind.CONFIRM, token)
        follow = work.follows.of_comment(question.comment_id or 0)
        mailbox = mailbox_of_follow(service, follow)
        if follow is None or mailbox is None or follow.stopped_at is not None:
            raise _out_of_date(service, work, follow)
        work.mail_addresses.begin(mailbox.mail)
        new = [one for one in _asked_alike(service, work, follow, mailbox) if one.confirmed_at is None]
        work.follows.change([one.id for one in new], confirmed_at=now)
        for one in new:
            data = {"confirmed": one.id}
            work.events.add(NewEvent(kind=EventKind.CONFIRMED, at=now, data=data, only=LISTENER))


def person_of(service: Service, work: UnitOfWork, mailbox: Mailbox) -> str | None:
    """The random id that all that goes to *mailbox* shares, if anything was asked for there before."""
    for one in work.follows.of_lookups(mailbox.lookups):
        other = mailbox_of_follow(service, one)
        if one.person is not None and other is not None and other.spelling == mailbox.spelling:
            return one.person
    return None


def is_confirmed(service: Service, work: UnitOfWork, follow: Follow, mailbox: Mailbox) -> bool:
    """Whether who asked for *follow* confirmed that *mailbox* is theirs before, with the same author key."""
    alike = _asked_alike(service, work, follow, mailbox, stopped_too=True)
    return any(one.confirmed_at is not None for one in alike)


def confirmed_by_author(
    service: Service, work: UnitOfWork, comment: StoredComment, mailbox: Mailbox
) -> Follow | None:
    """What the author of *comment* asked for and confirmed for that mailbox, best in the same thread.

    None where they did not, or stopped mail about that thread.
    """
    alike = [
        one
        for one in work.follows.of_lookups(mailbox.lookups)
        if one.author_id == comment.author_id
        and (other := mailbox_of_follow(service, one)) is not None
        and other.spelling == mailbox.spelling
    ]
    here = [one for one in alike if one.thread_id == comment.thread_id]
    if here and all(one.stopped_at is not None for one in here):
        return None
    confirmed = [one for one in alike if one.confirmed_at is not None]
    return next((one for one in confirmed if one in here), confirmed[0] if confirmed else None)


def _asked_alike(
    service: Service, work: UnitOfWork, follow: Follow, mailbox: Mailbox, *, stopped_too: bool = False
) -> list[Follow]:
    """What the same author asked for, to be sent to the same mailbox."""
    return [
        one
        for one in work.follows.of_lookups(mailbox.lookups)
        if one.author_id == follow.author_id
        and (stopped_too or one.stopped_at is None)
        and (other := mailbox_of_follow(service, one)) is not None
        and other.spelling == mailbox.spelling
    ]


def stop_of(service: Service, work: UnitOfWork, token: str) -> Stop:
    """What a stop link is about.

    :raises NotFound: there is no such link.
    """
    follow, everything = _stopped_by(work, token)
    return Stop(everything, *thread_shown(service, work, follow))


def thread_shown(service: Service, work: UnitOfWork, follow: Follow) -> tuple[str, str]:
    """What the thread is called that *follow* is about, and where it is read."""
    thread, site = work.threads.by_id(follow.thread_id), work.sites.by_id(follow.site_id)
    return title_of(work, thread), thread_url(service.settings.base_url, site.slug, thread.article)


@retried
def stop(service: Service, token: str) -> None:
    """Stop mail about one thread, or all mail to the address; whatever was stopped before stays so.

    :raises NotFound: there is no such link.
    """
    now = service.now().replace(microsecond=0)
    with service.unit_of_work() as work:
        follow, everything = _stopped_by(work, token)
        own = _of_same_mailbox(service, work, follow)
        if everything:
            stop_everything(service, work, own, now)
        else:
            _stop(work, [one for one in own if one.thread_id == follow.thread_id], now)


def _of_same_mailbox(service: Service, work: UnitOfWork, follow: Follow) -> list[Follow]:
    """All that goes where mail about *follow* goes, or went; also what is not public yet, so nobody was asked of it."""
    own = {one.id: one for one in (work.follows.of_person(follow.person) if follow.person else [follow])}
    mailbox = next((box for one in own.values() if (box := mailbox_of_follow(service, one))), None)
    for one in work.follows.of_lookups(mailbox.lookups) if mailbox is not None else ():
        other = mailbox_of_follow(service, one)
        if mailbox is not None and other is not None and other.spelling == mailbox.spelling:
            own[one.id] = one
    return list(own.values())


def stop_everything(service: Service, work: UnitOfWork, own: list[Follow], now: datetime) -> None:
    """End all mail to the address that *own* share, the questions too."""
    _stop(work, own, now)
    mailbox = next((box for one in own if (box := mailbox_of_follow(service, one)) is not None), None)
    if mailbox is not None:
        work.mail_addresses.end(mailbox.mail[0], MailEnd.STOPPED, now)


def _stop(work: UnitOfWork, follows: list[Follow], now: datetime) -> None:
    work.follows.change([one.id for one in follows if one.stopped_at is None], stopped_at=now)
    comments = [one.comment_id for one in follows if one.comment_id is not None]
    work.questions.end(comments, now, QuestionKind.CONFIRM)


def _stopped_by(work: UnitOfWork, token: str) -> tuple[Follow, bool]:
    what, secret = token[:1], token[1:]
    follow = work.follows.by_stop(secret) if what in {THREAD, EVERYTHING} else None
    if follow is None:
        raise NotFound(mail_links.UNKNOWN)
    return follow, what == EVERYTHING


def mailbox_of_follow(service: Service, follow: Follow | None) -> Mailbox | None:
    """Where mail about *follow* arrives; None where its address is gone."""
    return None if follow is None else mailbox_of(follow.sealed, follow.comment, service.address_keys)
