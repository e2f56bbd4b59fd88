"""Who comments is asked whether mail is wanted, and gets a link to what belongs to the address.

A question goes first: in a lane of its own, and not behind what is told to others.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from commentsvc.actions import own_data
from commentsvc.actions.following import is_confirmed, mailbox_of_follow, person_of
from commentsvc.ids import fresh_secret
from commentsvc.model import MailEnd, MessageKind, QuestionKind
from commentsvc.privacy.mailboxes import Mailbox
from commentsvc.records import NewMessage, Question, StoredComment, StoredEvent
from commentsvc.service import Service
from commentsvc.storage.unit_of_work import UnitOfWork

LANE = "mail:first"
QUESTION_IS_GOOD_FOR = timedelta(days=2)


def ask(service: Service, work: UnitOfWork, comment: StoredComment) -> Iterator[NewMessage]:
    """The question to who wrote *comment* and wants to be told of others, where it was not answered before."""
    follow = work.follows.of_comment(comment.id)
    mailbox = mailbox_of_follow(service, follow)
    if follow is None or mailbox is None or follow.stopped_at is not None:
        return
    if follow.confirmed_at is not None or (follow.person is not None and not follow.unasked):
        return
    person = follow.person or person_of(service, work, mailbox) or fresh_secret(service.random_bytes)
    ended = work.mail_addresses.why_ended(mailbox.mail)
    if ended is None and is_confirmed(service, work, follow, mailbox):
        work.follows.change([follow.id], person=person, confirmed_at=service.now().replace(microsecond=0))
        return
    work.follows.change([follow.id], person=person, unasked=False)
    if ended is MailEnd.STOPPED or not own_data.may_be_asked(service, work, mailbox.lookups):
        return
    question = _question(service, work, QuestionKind.CONFIRM, mailbox, follow.lang, comment.id)
    yield _message(QuestionKind.CONFIRM, question, mailbox, comment.id, comment)


def answer(service: Service, work: UnitOfWork, event: StoredEvent) -> Iterator[NewMessage]:
    """The link to what belongs to an address, to each mailbox that it may be; nothing where nothing is known."""
    question: Question | None = work.questions.by_id(event.data["question"])
    if question is None:
        return
    first, other = (bytes.fromhex(one) for one in event.data["lookups"])
    found = own_data.mailboxes(service, work, (first, other), bytes.fromhex(event.data["spelling"]))
    if not found or not own_data.may_be_asked(service, work, (first, other)):
        work.questions.remove(question.id)
        return
    (comment_id, mailbox), *others = found
    work.questions.change(question.id, comment_id=comment_id)
    yield _message(QuestionKind.ACCESS, question.id, mailbox, comment_id)
    for comment_id, mailbox in others:
        if own_data.may_be_asked(service, work, (first, other)):
            row = _question(service, work, QuestionKind.ACCESS, mailbox, question.lang, comment_id)
            yield _message(QuestionKind.ACCESS, row, mailbox, comment_id)


def forget(work: UnitOfWork, event: StoredEvent) -> StoredComment | None:
    """Forget a question that was not sent, so that it can be asked again; and what it was about."""
    question = work.questions.by_id(event.data["question"])
    if question is None or question.comment_id != event.data["comment"]:
        return None  # it was erased
    work.questions.remove(question.id)  # so it is not one of those of the day
    follow = work.follows.of_comment(event.data["comment"])
    if follow is None:
        return None
    work.follows.change([follow.id], unasked=True)
    return work.comments.of_row(event.data["comment"])


def _question(
    service: Service, work: UnitOfWork, kind: QuestionKind, mailbox: Mailbox, lang: str, comment_id: int
) -> int:
    now = service.now().replace(microsecond=0)
    good_for = QUESTION_IS_GOOD_FOR if kind is QuestionKind.CONFIRM else own_data.GOOD_FOR
    secret = fresh_secret(service.random_bytes)
    return work.questions.add(secret, kind, mailbox.lookups[0], lang, now, now + good_for, comment_id)


def _message(
    kind: QuestionKind, question: int, mailbox: Mailbox, comment_id: int, comment: StoredComment | None = None
) -> NewMessage:
    return NewMessage(
        kind=MessageKind.MAIL,
        about=kind,
        receiver=mailbox.domain,
        lane=LANE,
        data={"question": question, "comment": comment_id},
        recipient=mailbox.mail[0],
        site_id=None if comment is None else comment.site_id,
    )
