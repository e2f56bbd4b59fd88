"""What is written to moderators: what waits, what was reported, and what concerns their account."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlencode

from commentsvc.access.permissions import OF_ROLE
from commentsvc.actions.decide_by_mail import ACTIONS, DecideLink, reader_of, token_of
from commentsvc.actions.desk import read_comment
from commentsvc.actions.sites import by_id
from commentsvc.intake.reports import REASONS
from commentsvc.messages import Message, best_of, message
from commentsvc.model import Action, ModeratedComment, Permission, Site, State, WaitingMail
from commentsvc.moderation.unseen import without_addresses
from commentsvc.notifications.mail.letter import Block, Comment, Letter, Link, Paragraph, name_of
from commentsvc.notifications.moderators import wants_of
from commentsvc.publishing.redaction import blacked_out
from commentsvc.records import OutboxMessage, StoredAccount, StoredComment
from commentsvc.service import Service
from commentsvc.storage.unit_of_work import UnitOfWork

MOST_SHOWN = 20  # comments of one mail; the others are counted
MOST_REPORTS = 10  # of one comment
LONGEST_TITLE = 300  # characters, as of a title that is claimed or set

LABELS = {
    Action.APPROVE: message("Approve"),
    Action.SPAM: message("Spam"),
    Action.TRASH: message("Trash"),
}
REASON = message(
    "You get this because you moderate comments here. At the desk, under “Your account”, you choose what comes."
)


def waiting(service: Service, work: UnitOfWork, sent: OutboxMessage) -> Letter | None:
    """What still waits of the comments that were gathered."""
    account = work.accounts.by_id(sent.data["account"])
    if account is None:
        return None
    choice = work.moderators_mail.choice(account.id)
    if choice.waiting is WaitingMail.NONE:
        return None
    stored = [work.comments.of_row(one) for one in work.moderators_mail.noted(account.id, sent.data["batch"])]
    told = [
        one
        for one in stored
        if one is not None and one.state is State.PENDING and wants_of(account, choice, one.site_id)
    ]
    if not told:
        return None
    site_ids = {one.site_id for one in told}
    site = by_id(service, work, site_ids.pop()) if len(site_ids) == 1 else None
    blocks: list[Block] = [
        Paragraph(message("Comments that wait for a moderator:")),
    ]
    for comment in told[:MOST_SHOWN]:
        blocks.append(_shown(service, work, account, comment, _objection(work, comment)))
    if len(told) > MOST_SHOWN:
        blocks.append(Paragraph(message("More that wait: %(number)s", number=len(told) - MOST_SHOWN)))
    blocks.append(Link(f"{service.settings.base_url}/moderation", message("To the desk")))
    subject = message("Comments that wait: %(number)s", number=len(told))
    return _letter(service, work, account, "waiting", site, subject, blocks)


def report(service: Service, work: UnitOfWork, sent: OutboxMessage) -> Letter | None:
    """A comment that readers reported, until somebody has decided about it."""
    account = work.accounts.by_id(sent.data["account"])
    comment = work.comments.of_row(sent.data["comment"])
    if account is None or comment is None:
        return None
    choice = work.moderators_mail.choice(account.id)
    reports = [one for _, one in work.reports.open_of([comment.public_id], MOST_REPORTS)]
    if not reports or not choice.reports or not wants_of(account, choice, comment.site_id):
        return None
    notes: list[str | Message] = []
    for one in reports:
        notes.append(REASONS[one.reason])
        if one.text:
            notes.append(f"“{without_addresses(one.text)}”")
    site = by_id(service, work, comment.site_id)
    blocks: list[Block] = [
        Paragraph(message("Readers reported this comment:")),
        _shown(service, work, account, comment, notes),
    ]
    return _letter(service, work, account, "report", site, message("A comment was reported"), blocks)


def account(service: Service, work: UnitOfWork, sent: OutboxMessage) -> Letter | None:
    """What concerns an account: attempts to sign in to it, or a webhook that was disabled."""
    to = work.accounts.by_id(sent.data["account"])
    if to is None:
        return None
    if "hook" in sent.data:
        return _of_hook(service, work, to, sent.data["hook"])
    at = datetime.fromisoformat(sent.data["at"])
    said = message(
        "Somebody tried to sign in to your account with a wrong password, from a browser that you have not signed in with "
        "before."
    )
    advice = message(
        "If that was not you, there is nothing to do as long as your password is known to nobody else."
    )
    if sent.data["step"] != "password":
        said = message(
            "Somebody gave the right password of your account, and a wrong second factor, from a browser that you have "
            "not signed in with before."
        )
        advice = message("If that was not you, change your password now: somebody else knows it.")
    blocks: list[Block] = [
        Paragraph(said),
        Paragraph(message("That was at %(time)s.", time=f"{at:%Y-%m-%d %H:%M} UTC")),
        Paragraph(advice),
        Link(f"{service.settings.base_url}/moderation/account", message("Your account")),
        Paragraph(message("You are told of this once an hour at most, however often it is tried.")),
    ]
    return _letter(
        service, work, to, "account", None, message("Somebody tried to sign in to your account"), blocks, None
    )


def _of_hook(service: Service, work: UnitOfWork, to: StoredAccount, public_id: str) -> Letter | None:
    hook = work.webhooks.find(public_id)
    if hook is None or hook.disabled_at is None or Permission.MANAGE not in OF_ROLE[to.role]:
        return None
    blocks: list[Block] = [
        Paragraph(
            message(
                "A webhook failed for a day and is disabled: %(id)s. What waited for it can be sent again at the desk.",
                id=hook.public_id,
            )
        ),
        Link(f"{service.settings.base_url}/moderation/webhooks", message("To the desk")),
    ]
    return _letter(service, work, to, "account", None, message("A webhook is disabled"), blocks, None)


def _objection(work: UnitOfWork, comment: StoredComment) -> list[str | Message]:
    """What its author objects to a decision, while nobody has answered."""
    objection = work.objections.latest(comment.id)
    if objection is None or objection.answered_at is not None:
        return []
    return [message("The author objects:"), f"“{without_addresses(objection.text)}”"]


def _shown(
    service: Service,
    work: UnitOfWork,
    account: StoredAccount,
    stored: StoredComment,
    notes: Sequence[str | Message],
) -> Comment:
    """A comment as it is now, without its author's address, with a link for each decision."""
    comment = _moderated(service, work, account, stored)
    base_url = service.settings.base_url
    links = []
    for action in ACTIONS:
        link = DecideLink(account.public_id, comment.id, comment.state, action)
        query = urlencode({"t": token_of(service, link)})
        links.append(Link(f"{base_url}/mail/decide?{query}", LABELS[action], is_quiet=True))
    links.append(
        Link(f"{base_url}/moderation/comments/{comment.id}", message("Open it at the desk"), is_quiet=True)
    )
    title = (comment.thread_title or comment.article)[:LONGEST_TITLE]
    return Comment(
        author=comment.author.name,
        at=comment.posted_at,
        text=blacked_out(stored.text, stored.redactions or ()),
        html=comment.html,
        about=message("On “%(title)s”", title=title),
        notes=[*notes, *comment.reasons],
        links=links,
    )


def _moderated(
    service: Service, work: UnitOfWork, account: StoredAccount, stored: StoredComment
) -> ModeratedComment:
    return read_comment(service, work, reader_of(account), stored.public_id)


def _letter(
    service: Service,
    work: UnitOfWork,
    account: StoredAccount,
    about: str,
    site: Site | None,
    subject: Message,
    blocks: Sequence[Block],
    reason: Message | None = REASON,
) -> Letter:
    language = work.moderators_mail.choice(account.id).language
    return Letter(
        about=about,
        to=account.email,
        language=best_of([language] if language else []),
        sender=name_of(site, service.settings),
        site=site.slug if site else None,
        thread=f"moderation\n{about}\n{site.slug if site else ''}",
        subject=subject,
        blocks=blocks,
        reason=reason,
    )
