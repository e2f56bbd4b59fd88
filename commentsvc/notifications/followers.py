"""Who comments is asked whether mail is wanted (questions.py), and told of replies.

Nothing is sent to who did not confirm the address with the author key of the comment. What comes before that waits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from commentsvc.actions.following import LISTENER, mailbox_of_follow
from commentsvc.model import EventKind, MessageKind, Notify, QuestionKind, State
from commentsvc.moderation.addresses import lookups_of
from commentsvc.notifications import questions
from commentsvc.notifications.kind import TOLD_WITHIN
from commentsvc.privacy.mailboxes import Mailbox
from commentsvc.privacy.sealing import lookups
from commentsvc.records import Follow, Lookups, NewEvent, NewMessage, StoredComment, StoredEvent
from commentsvc.service import Service
from commentsvc.storage.unit_of_work import UnitOfWork

LANE = "mail"
TOO_OLD = timedelta(days=30)  # what is approved so long after it was written is no news
AT_ONCE = 100  # followers that one event is told to; the others by another one
GRACE = timedelta(seconds=1)  # after the end of what is gathered, so that who gathers has ended


class Followers:
    """Makes messages for those who comment; see `notifications.kind.Listener`."""

    name = LISTENER

    def messages(
        self, service: Service, work: UnitOfWork, event: StoredEvent
    ) -> Iterable[NewMessage | NewEvent]:
        """Ask who wrote what became public, and tell who follows it."""
        if service.settings.smtp_url is None:
            return
        if event.kind is EventKind.PUBLIC and event.comment_id is not None:
            comment = work.comments.by_id(event.comment_id)
            if comment.state is not State.APPROVED or comment.erased_at is not None:
                return
            if "after" not in event.data:
                yield from questions.ask(service, work, comment)
            if event.at - comment.posted_at <= TOO_OLD:
                yield from _told(service, work, event, comment)
        elif event.kind is EventKind.GONE and event.comment_id is not None:
            work.notices.release(event.comment_id, service.now())
        elif event.kind is EventKind.UNSENT:
            yield from _made_again(work, event)
        elif event.kind is EventKind.CONFIRMED:
            yield from _gathered_before(service, work, event.data["confirmed"])
        elif event.kind is EventKind.ASKED:
            yield from questions.answer(service, work, event)


def _told(
    service: Service, work: UnitOfWork, event: StoredEvent, comment: StoredComment
) -> Iterator[NewMessage | NewEvent]:
    """What followers are told of *comment*: who is answered, and who wants to know of all in the thread."""
    own = _own_lookups(service, work, comment)
    after = int(event.data.get("after", 0))
    followers = work.follows.of_all(comment.thread_id, after, AT_ONCE)
    told = list(followers)
    if not after and comment.parent_id is not None:
        answered = work.follows.of_comment(comment.parent_id)
        if answered is not None and answered.kind is Notify.REPLIES:
            told.append(answered)
    work.follows.lock([one.id for one in told])  # so that two runners make one message of what is gathered
    for follow in _one_of_each(follow for follow in told if _is_meant(service, follow, comment, own)):
        yield from _one_told(service, work, follow, comment)
    if len(followers) == AT_ONCE:
        yield NewEvent(
            kind=event.kind,
            at=event.at,
            site_id=event.site_id,
            thread_id=event.thread_id,
            comment_id=event.comment_id,
            by=event.by,
            data=dict(event.data) | {"after": followers[-1].id},
            only=LISTENER,
        )


def _is_meant(service: Service, follow: Follow, comment: StoredComment, own: Lookups | None) -> bool:
    if follow.person is None or follow.stopped_at is not None or follow.lookup is None:
        return False
    if follow.comment_id == comment.id or (own is not None and follow.lookup in own):
        return False
    return follow.confirmed_at is not None or service.now() - follow.created_at <= TOO_OLD


def _one_of_each(follows: Iterable[Follow]) -> Iterable[Follow]:
    """One of each person's, a confirmed one if there is: somebody may have ticked the box at a thousand comments."""
    chosen: dict[str | None, Follow] = {}
    for follow in sorted(follows, key=lambda one: one.confirmed_at is None):
        chosen.setdefault(follow.person, follow)
    return chosen.values()


def _one_told(
    service: Service, work: UnitOfWork, follow: Follow, comment: StoredComment
) -> Iterator[NewMessage]:
    if follow.person is None:
        return
    notice = work.notices.add(follow.person, comment.id, comment.thread_id, follow.id, _forget_at(service))
    if notice is None and follow.confirmed_at is not None:
        notice = work.notices.take_over(follow.person, comment.id, follow.id)
    if notice is None or follow.confirmed_at is None:
        return  # told before, or it waits until the address is confirmed
    mailbox = mailbox_of_follow(service, follow)
    if mailbox is None:
        return
    now = service.now()
    opened = work.notices.open_one(follow.person, comment.thread_id, now)
    if opened is None or opened.until is None:
        until = now + timedelta(seconds=service.settings.mail_gather)
        work.notices.change([notice], until=until)
        yield _reply(follow, mailbox, notice, comment)
    else:
        work.notices.change([notice], batch=opened.id)
        yield _digest(follow, mailbox, opened.id, opened.until, opened.until + GRACE)


def _forget_at(service: Service) -> datetime:
    """When what is noted now can be told no more: the comment is too old, and its message sent, or not sent again."""
    settings = service.settings
    waits = timedelta(seconds=settings.mail_gather + settings.outbox_give_up)
    return service.now() + TOO_OLD + TOLD_WITHIN + waits


def _reply(follow: Follow, mailbox: Mailbox, notice: int, comment: StoredComment) -> NewMessage:
    data: dict[str, int | str] = {"notice": notice, "comment": comment.public_id}
    return _news("reply", data, mailbox, follow)


def _digest(
    follow: Follow, mailbox: Mailbox, batch: int, until: datetime, due_at: datetime | None = None
) -> NewMessage:
    # The number of the batch alone may come again, once the comment is erased that began it.
    once = f"digest:{follow.person}:{batch}:{until.isoformat()}"
    return replace(
        _news("digest", {"batch": batch}, mailbox, follow),
        once=once,
        forget_at=until + TOLD_WITHIN,
        due_at=due_at,
    )


def _news(
    about: str,
    data: Mapping[str, int | str],
    mailbox: Mailbox,
    follow: Follow,
) -> NewMessage:
    return NewMessage(
        kind=MessageKind.MAIL,
        about=about,
        receiver=mailbox.domain,
        lane=LANE,
        data=data,
        recipient=mailbox.mail[0],
        site_id=follow.site_id,
        thread_id=follow.thread_id,
    )


def _own_lookups(service: Service, work: UnitOfWork, comment: StoredComment) -> Lookups | None:
    """The hashes of who wrote *comment*: they are not told of it, whatever they follow."""
    return lookups_of(work, comment.id, service.address_keys) or _staff_lookups(service, work, comment)


def _staff_lookups(service: Service, work: UnitOfWork, comment: StoredComment) -> Lookups | None:
    by = work.comments.answered_by(comment.id)
    account = by and work.accounts.by_public_id(by)
    return lookups(account.email, service.address_keys) if account else None


def _gathered_before(service: Service, work: UnitOfWork, follow_id: int) -> Iterator[NewMessage]:
    """What was waiting until *follow_id* was confirmed, as one message."""
    follow = work.follows.by_id(follow_id)
    mailbox = mailbox_of_follow(service, follow)
    waiting = work.notices.unconfirmed([follow_id])
    if follow is None or mailbox is None or not waiting:
        return
    opened = work.notices.open_one(waiting[0].person, follow.thread_id, service.now())
    if opened is not None and opened.until is not None:  # another wish of theirs, confirmed by the same press
        work.notices.change([one.id for one in waiting], batch=opened.id)
        yield _digest(follow, mailbox, opened.id, opened.until, opened.until + GRACE)
        return
    first, last = waiting[0].id, waiting[-1].id
    until = service.now() + timedelta(seconds=service.settings.mail_gather)
    work.notices.change([last], until=until)
    if first == last:
        yield _reply(follow, mailbox, last, work.comments.by_id(waiting[-1].comment_id))
        return
    work.notices.change(
        [one.id for one in waiting], batch=first
    )  # what comes from now on has *last* as its batch
    yield _digest(follow, mailbox, first, until)


def _made_again(work: UnitOfWork, event: StoredEvent) -> Iterator[NewEvent]:
    """Forget a message that was not sent, as its comment was held: it is made again when that is public, which may be now."""
    of_question = event.data["about"] == QuestionKind.CONFIRM
    comment = questions.forget(work, event) if of_question else _untold(work, event)
    if comment is not None and comment.state is State.APPROVED:
        yield NewEvent(
            kind=EventKind.PUBLIC,
            at=event.at,
            site_id=comment.site_id,
            thread_id=comment.thread_id,
            comment_id=comment.id,
            data={"comment": comment.public_id},
            only=LISTENER,
        )


def _untold(work: UnitOfWork, event: StoredEvent) -> StoredComment | None:
    notice = work.notices.by_id(event.data["notice"])
    comment = None if notice is None else work.comments.of_row(notice.comment_id)
    if notice is None or comment is None or comment.public_id != event.data["comment"]:
        return None  # it was erased
    work.notices.remove(notice.id)
    return comment
