"""What is written to authors about decisions: the statement of reasons, and the answer to an objection."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from commentsvc.actions.following import EVERYTHING, THREAD, confirmed_by_author
from commentsvc.actions.reasons import statement_of_person
from commentsvc.actions.sites import by_id
from commentsvc.intake.guest_keys import edit_key
from commentsvc.messages import Message, best_of, message
from commentsvc.model import SafeHtml, State
from commentsvc.notifications.mail.letter import (
    Block,
    Comment,
    Heading,
    Letter,
    Link,
    Paragraph,
    Stop,
    name_of,
)
from commentsvc.privacy.mailboxes import mailbox_of
from commentsvc.privacy.opening import UNREADABLE, open_address
from commentsvc.publishing.public import permalink, thread_url
from commentsvc.publishing.redaction import blacked_out
from commentsvc.records import Follow, OutboxMessage, StoredComment
from commentsvc.service import Service
from commentsvc.storage.sites import DEFAULT
from commentsvc.storage.unit_of_work import UnitOfWork
from commentsvc.threads.titles import title_of

LONGEST_TITLE = 300  # characters, as of a title that is claimed or set


def reasons(service: Service, work: UnitOfWork, sent: OutboxMessage) -> Letter | None:
    """The statement of reasons while the decision stands, or the answer to an objection."""
    comment = work.comments.of_row(sent.data["comment"])
    if comment is None:
        return None
    address = work.addresses.of_comment(comment.id)
    mailbox = None if address is None else mailbox_of(address.sealed, address.public_id, service.address_keys)
    if mailbox is None:
        return None
    follow = confirmed_by_author(service, work, comment, mailbox)
    if follow is None:
        return None
    if "objection" in sent.data:
        return _answer(service, work, comment, follow, sent.data["objection"])
    return _statement(service, work, comment, follow, sent.data["decision"])


def _statement(
    service: Service, work: UnitOfWork, comment: StoredComment, follow: Follow, decision: str
) -> Letter | None:
    statement = statement_of_person(work, comment, decision)
    if statement is None:
        return None
    blocks: list[Block] = [
        Paragraph(message("A moderator decided about your comment.")),
        Paragraph(statement.scope),
        _own(comment),
        Heading(message("Facts")),
        *(Paragraph(fact) for fact in statement.facts),
        Heading(message("Ground")),
        Paragraph(statement.ground),
        Heading(message("What you can do")),
        Paragraph(statement.how_to_object),
        Link(_reasons_url(service, work, comment), message("To the decision")),
    ]
    subject = message("A decision about your comment on “%(title)s”", title=_title(work, comment))
    return _letter(service, work, comment, follow, subject, blocks)


def _answer(
    service: Service, work: UnitOfWork, comment: StoredComment, follow: Follow, number: int
) -> Letter | None:
    objection = work.objections.latest(comment.id)
    if objection is None or objection.id != number or objection.answered_at is None:
        return None
    is_public = comment.state is State.APPROVED
    if objection.granted != is_public:
        return None  # it was decided again since
    blocks: list[Block] = [Paragraph(message("A moderator looked at your comment again, as you asked."))]
    if is_public:
        blocks.append(Paragraph(message("Your comment is public again.")))
    else:
        blocks.append(Paragraph(message("The decision stands: your comment is not public.")))
    if objection.answer:
        blocks += [Heading(message("Answer")), Paragraph(objection.answer)]
    blocks.append(_own(comment))
    if is_public:
        thread, site = work.threads.by_id(comment.thread_id), work.sites.by_id(comment.site_id)
        url = thread_url(service.settings.base_url, site.slug, thread.article)
        blocks.append(Link(permalink(url, comment.public_id), message("Show this comment")))
    else:
        blocks.append(Link(_reasons_url(service, work, comment), message("To the decision")))
    subject = message("The answer to your objection on “%(title)s”", title=_title(work, comment))
    return _letter(service, work, comment, follow, subject, blocks)


def _own(comment: StoredComment) -> Comment:
    return Comment(
        author=comment.author_name,
        at=comment.posted_at,
        text=blacked_out(comment.text, comment.redactions or ()),
        html=SafeHtml(comment.html),
    )


def _letter(
    service: Service,
    work: UnitOfWork,
    comment: StoredComment,
    follow: Follow,
    subject: Message,
    blocks: Sequence[Block],
) -> Letter | None:
    address = work.addresses.of_comment(comment.id)
    if address is None:
        return None
    email = open_address(address.sealed, address.public_id, service.address_keys)
    if email == UNREADABLE:
        return None
    site = by_id(service, work, comment.site_id)
    of_thread = _stop(service, THREAD, follow) if follow.thread_id == comment.thread_id else None
    return Letter(
        about="reasons",
        to=email,
        language=best_of([follow.lang]),
        sender=name_of(site, service.settings),
        site=site.slug,
        thread=f"{site.slug}\n{comment.thread_id}",
        subject=subject,
        blocks=blocks,
        reason=message("You get this because you confirmed this address for your comments."),
        stop=Stop(of_thread, *[_stop(service, EVERYTHING, follow)] * 2),
    )


def _stop(service: Service, what: str, follow: Follow) -> str:
    return (
        f"{service.settings.base_url}/mail/stop?{urlencode({'t': what + follow.stop, 'lang': follow.lang})}"
    )


def _title(work: UnitOfWork, comment: StoredComment) -> str:
    thread = work.threads.by_id(comment.thread_id)
    return title_of(work, thread)[:LONGEST_TITLE]


def _reasons_url(service: Service, work: UnitOfWork, comment: StoredComment) -> str:
    """Where its author reads the decision and objects. The edit key is the fragment, which is sent to nobody."""
    thread, site = work.threads.by_id(comment.thread_id), work.sites.by_id(comment.site_id)
    query = {"article": thread.article} | ({} if site.slug == DEFAULT else {"site": site.slug})
    query |= {"comment": comment.public_id}
    key = edit_key(service, comment.public_id)
    return f"{service.settings.base_url}/thread/edit?{urlencode(query)}#key={key}"
