"""What is written to those who comment: whether mail is wanted, what was answered, and a link to what is theirs."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from commentsvc.actions.following import EVERYTHING, LISTENER, THREAD, thread_shown
from commentsvc.actions.sites import by_id
from commentsvc.intake.mail_links import token_of
from commentsvc.messages import best_of, message
from commentsvc.model import QuestionKind, SafeHtml, State
from commentsvc.notifications.kind import Unsent
from commentsvc.notifications.mail.letter import Comment, Letter, Link, Paragraph, Stop, name_of
from commentsvc.privacy.opening import UNREADABLE, open_address
from commentsvc.publishing.public import permalink
from commentsvc.publishing.redaction import blacked_out
from commentsvc.records import Follow, Notice, OutboxMessage, Question, StoredComment
from commentsvc.service import Service
from commentsvc.storage.unit_of_work import UnitOfWork

GONE = frozenset({State.SPAM, State.TRASH})
MOST_SHOWN = 50  # comments of one mail, the newest; the discussion has all
LONGEST_TITLE = 300  # characters, as of a title that is claimed or set


def confirm(service: Service, work: UnitOfWork, sent: OutboxMessage) -> Letter | Unsent | None:
    """The question whether mail is wanted. Nothing that a stranger typed is in it."""
    question = _question(work, sent)
    follow = None if question is None else work.follows.of_comment(question.comment_id or 0)
    email = None if follow is None else _email(service, follow)
    if question is None or follow is None or email is None or follow.stopped_at or follow.confirmed_at:
        return None
    if work.comments.by_id(follow.comment_id or 0).state is not State.APPROVED:
        return Unsent(LISTENER, [{"about": sent.about, **sent.data}])
    if question.expires_at <= service.now():
        return None
    site = by_id(service, work, follow.site_id)
    name = name_of(site, service.settings)
    return Letter(
        about=QuestionKind.CONFIRM,
        to=email,
        language=best_of([follow.lang]),
        sender=name,
        site=site.slug,
        subject=message("Please confirm: emails about comments"),
        blocks=[
            Paragraph(
                message(
                    "Somebody, probably you, commented on %(site)s with this address and wants emails about "
                    "other comments there.",
                    site=name,
                )
            ),
            Link(
                _link(service, "mail/confirm", token_of(service, question.kind, question.public_id), follow),
                message("Yes, send me these emails"),
            ),
            Paragraph(
                message(
                    "The link is good for two days. If that was not you, do nothing: then nothing else comes."
                )
            ),
        ],
        stop=Stop(None, *[_link(service, "mail/stop", EVERYTHING + follow.stop, follow)] * 2),
    )


def access(service: Service, work: UnitOfWork, sent: OutboxMessage) -> Letter | None:
    """The link to what belongs to the address. Nothing that a stranger typed is in it."""
    question = _question(work, sent)
    if question is not None and question.expires_at <= service.now():
        return None
    address = None if question is None else work.addresses.of_comment(question.comment_id or 0)
    if question is None or address is None:
        return None
    email = open_address(address.sealed, address.public_id, service.address_keys)
    if email == UNREADABLE:
        return None
    query = {"t": token_of(service, question.kind, question.public_id), "lang": question.lang}
    return Letter(
        about=QuestionKind.ACCESS,
        to=email,
        language=best_of([question.lang]),
        sender=name_of(None, service.settings),
        subject=message("Your comments and your data"),
        blocks=[
            Paragraph(message("Somebody, probably you, asked for what is stored with this address.")),
            Link(
                f"{service.settings.base_url}/me/data?{urlencode(query)}",
                message("See, download or erase it"),
            ),
            Paragraph(message("The link is good for one hour. If that was not you, do nothing.")),
        ],
    )


def reply(service: Service, work: UnitOfWork, sent: OutboxMessage) -> Letter | Unsent | None:
    """One comment."""
    notice = work.notices.by_id(sent.data["notice"])
    comment = None if notice is None else work.comments.of_row(notice.comment_id)
    # The row of a comment that was erased may be another's by now.
    if notice is None or comment is None or comment.public_id != sent.data["comment"]:
        return None
    return _news(service, work, "reply", [(notice, comment)])


def digest(service: Service, work: UnitOfWork, sent: OutboxMessage) -> Letter | Unsent | None:
    """All comments that were gathered, except for those that are erased."""
    gathered = [
        (notice, comment)
        for notice in work.notices.of_batch(sent.data["batch"])
        if (comment := work.comments.of_row(notice.comment_id)) is not None
    ]
    return _news(service, work, "digest", gathered)


def _news(
    service: Service, work: UnitOfWork, about: str, gathered: Sequence[tuple[Notice, StoredComment]]
) -> Letter | Unsent | None:
    """The comments that are public now, to who still wants to know of them; the others are left out, and unsent."""
    held: list[dict[str, int | str]] = [
        {"about": "reply", "notice": notice.id, "comment": comment.public_id}
        for notice, comment in gathered
        if comment.state is not State.APPROVED
    ]
    unsent = Unsent(LISTENER, held) if held else None
    receivers = {one: _receiver(service, work, one) for one in {notice.follow_id for notice, _ in gathered}}
    told = [
        _comment(service, work, comment, found[0])
        for notice, comment in gathered
        if comment.state is State.APPROVED and (found := receivers[notice.follow_id])
    ]
    if not told:
        return unsent
    follow, email = next(found for found in receivers.values() if found)
    site = by_id(service, work, follow.site_id)
    title, url = thread_shown(service, work, follow)
    title = title[:LONGEST_TITLE]
    subject = message("New comment on “%(title)s”", title=title)
    if len(told) > 1:
        subject = message("New comments on “%(title)s”", title=title)
    return Letter(
        about=about,
        to=email,
        language=best_of([follow.lang]),
        sender=name_of(site, service.settings),
        site=site.slug,
        thread=f"{site.slug}\n{follow.thread_id}",
        subject=subject,
        blocks=[
            Paragraph(subject),
            *told[-MOST_SHOWN:],
            Link(url, message("Back to the discussion")),
        ],
        reason=message("You get this because you asked for it when you commented there."),
        stop=Stop(
            _link(service, "mail/stop", THREAD + follow.stop, follow),
            *[_link(service, "mail/stop", EVERYTHING + follow.stop, follow)] * 2,
        ),
        unsent=unsent,
    )


def _receiver(service: Service, work: UnitOfWork, follow_id: int) -> tuple[Follow, str] | None:
    """Who follows, and at which address; None where that ended."""
    follow = work.follows.by_id(follow_id)
    if follow is None or follow.stopped_at or follow.confirmed_at is None or follow.comment_id is None:
        return None
    if work.comments.by_id(follow.comment_id).state in GONE:
        return None
    email = _email(service, follow)
    return None if email is None else (follow, email)


def _comment(service: Service, work: UnitOfWork, comment: StoredComment, follow: Follow) -> Comment:
    """A comment as it is now."""
    _, url = thread_shown(service, work, follow)
    return Comment(
        author=comment.author_name,
        at=comment.posted_at,
        text=blacked_out(comment.text, comment.redactions or ()),
        html=SafeHtml(comment.html),
        about=message("A reply to your comment") if comment.parent_id == follow.comment_id else None,
        links=[Link(permalink(url, comment.public_id), message("Show this comment"), is_quiet=True)],
    )


def _question(work: UnitOfWork, sent: OutboxMessage) -> Question | None:
    question = work.questions.by_id(sent.data["question"])
    if question is None or question.comment_id != sent.data["comment"]:
        return None  # the row may be another's by now
    return question


def _email(service: Service, follow: Follow) -> str | None:
    if follow.sealed is None or follow.comment is None:
        return None
    email = open_address(follow.sealed, follow.comment, service.address_keys)
    return None if email == UNREADABLE else email


def _link(service: Service, path: str, token: str, follow: Follow) -> str:
    return f"{service.settings.base_url}/{path}?{urlencode({'t': token, 'lang': follow.lang})}"
