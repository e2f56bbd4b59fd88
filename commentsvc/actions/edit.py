"""Edit and delete one's own comment, by its edit key, within the edit window."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from commentsvc.actions import reasons, sites
from commentsvc.actions.read import article_named
from commentsvc.errors import Forbidden, NotFound
from commentsvc.intake import guest_keys
from commentsvc.messages import message
from commentsvc.model import (
    Client,
    Edited,
    Outcome,
    PublicComment,
    RecordedFinding,
    SafeHtml,
    Site,
    State,
    Verdict,
)
from commentsvc.moderation import addresses
from commentsvc.publishing import sanitise
from commentsvc.publishing.public import public_comment, thread_url
from commentsvc.records import NewText, PublicRow, StoredComment, ThreadRef
from commentsvc.screening.edits import change
from commentsvc.screening.pipeline import Screening, Sender, Submitted, Unscreened, prepare, screen_before
from commentsvc.service import Service
from commentsvc.storage import findings
from commentsvc.storage.retries import retried
from commentsvc.storage.unit_of_work import UnitOfWork
from commentsvc.threads.lifecycle import change_state, erase, record_rule, require_room, show_edit

BLACKED_OUT = RecordedFinding(
    "redaction", Outcome.HOLD, 1.0, message("A moderator had blacked out a part of it"), "", False
)
OF_STAFF = RecordedFinding("staff", Outcome.HOLD, 1.0, message("Shown as one of the staff."), "", False)
GONE = message("There is no such comment; it may have been deleted.")


@dataclass(frozen=True, slots=True)
class OwnText:
    """One's own comment as long as it may be edited: the text as it was typed, and as it is shown."""

    id: str
    key: str
    text: str
    html: SafeHtml
    until: datetime


def own_text(
    service: Service, work: UnitOfWork, site: Site, article: str, public_id: str, key: str
) -> OwnText:
    """Give the text of one's own comment in that thread.

    :raises NotFound: there is no such comment in this thread.
    :raises Forbidden: as `edit` does.
    """
    comment = _editable(service, work, public_id, key)
    row, where = work.public_comments.author_view(comment.id)
    if where.site != site.slug or where.article != article_named(work, site, article):
        raise NotFound(GONE)
    return OwnText(public_id, key, comment.text, SafeHtml(row.html), _until(service, comment))


def require_editable(service: Service, work: UnitOfWork, public_id: str, key: str) -> None:
    """Go on where the comment is one that its author may edit now.

    :raises NotFound, Forbidden: as `edit` does.
    """
    _editable(service, work, public_id, key)


@dataclass(frozen=True, slots=True)
class OwnComment:
    """A comment as its author sees it, and where it hangs.

    `held` is said of all that is not public, whatever the reason is.
    """

    comment: PublicComment
    held: bool
    site: str
    article: str


def own_comment(service: Service, work: UnitOfWork, public_id: str, key: str) -> OwnComment:
    """Give one's own comment, public or not; at any time, where there is a decision against it.

    :raises NotFound, Forbidden: as `edit` does.
    """
    is_decided = reasons.statement_if_any(service, work, public_id, key) is not None
    comment = (_own if is_decided else _editable)(service, work, public_id, key)
    row, where = work.public_comments.author_view(comment.id)
    face = _own_face(service, row, where)
    return OwnComment(face, row.state is not State.APPROVED, where.site, where.article)


@retried
def edit(
    service: Service, public_id: str, key: str, text: str, html: SafeHtml, *, client: Client | None
) -> Edited:
    """Give the comment another text; it is screened as a post is, and may have to wait again.

    :raises NotFound: there is no such comment.
    :raises Forbidden: the key is not this comment's, or the edit window is over; or a check rejects the text.
    :raises QueueFull: it would have to wait, and as many wait as may.
    """
    with service.reading() as work:
        comment = _editable(service, work, public_id, key)
        site = sites.by_id(service, work, comment.site_id)
        unscreened = _unscreened(service, work, site, comment, text, html, client)
    screening = screen_before(unscreened)
    with service.unit_of_work() as work:
        comment = _locked(service, work, public_id, key)
        if comment.text != text:
            _replace(service, work, comment, text, html, site, screening)
        row, where = work.public_comments.author_view(comment.id)
        return Edited(
            _own_face(service, row, where),
            State.APPROVED if row.state is State.APPROVED else State.PENDING,
        )


def _own_face(service: Service, row: PublicRow, where: ThreadRef) -> PublicComment:
    thread = thread_url(service.settings.base_url, where.site, where.article)
    return public_comment(row, thread, where.marks, own=True)


def _unscreened(
    service: Service,
    work: UnitOfWork,
    site: Site,
    comment: StoredComment,
    text: str,
    html: SafeHtml,
    client: Client | None,
) -> Unscreened:
    article = work.public_comments.author_view(comment.id)[1].article
    submitted = Submitted(article, comment.author_name, comment.author_url, text, html)
    lookups, email_domain = addresses.known_of(work, comment.id, service.address_keys)
    sender = Sender(comment.author_id, lookups, email_domain, client, comment.id)
    now = service.now().replace(microsecond=0)
    known_text = not change(comment.html, html).rewrites(comment.changed_since_read)
    return prepare(work, service.plugins, site, submitted, sender, now, known_text=known_text)


def _replace(
    service: Service,
    work: UnitOfWork,
    comment: StoredComment,
    text: str,
    html: SafeHtml,
    site: Site,
    screening: Screening,
) -> None:
    changed, before = change(comment.html, html), comment.changed_since_read
    verdict = screening.inside(work, service.metrics, known_text=not changed.rewrites(before))
    kept = [BLACKED_OUT] * (comment.redactions is not None) + [OF_STAFF] * comment.staff
    if kept:  # what moderators said of the text that they read
        state = State.PENDING if verdict.state is State.APPROVED else verdict.state
        verdict = Verdict(state, (*kept, *verdict.findings))
    if comment.state is State.APPROVED:
        require_room(service, work, site, verdict)
    now = service.now().replace(microsecond=0)
    new = NewText(
        text,
        html,
        sanitise.RULES,
        screening.fingerprint,
        findings.to_json(verdict.findings),
        now,
        changed.since_read(before),
    )
    work.comments.rewrite(comment.id, new)
    work.search.replace(comment.id, comment.author_name, new.text)
    # An edit may take a comment out of sight, and never brings one back.
    if comment.state is State.APPROVED:
        if verdict.state is State.APPROVED:
            show_edit(work, comment, now)
        else:
            work.comments.set_reasons(comment.id, verdict.reasons)
            article = work.public_comments.author_view(comment.id)[1].article
            record_rule(service, work, comment, article, State.APPROVED, verdict)
            change_state(work, comment, verdict.state, now, edited=True)


@retried
def delete(service: Service, public_id: str, key: str) -> None:
    """Erase the comment at once and for good.

    :raises NotFound, Forbidden: as `edit` does.
    """
    with service.unit_of_work() as work:
        comment = _locked(service, work, public_id, key)
        erase(work, comment, service.now())
    service.database.forget_erased()


def _locked(service: Service, work: UnitOfWork, public_id: str, key: str) -> StoredComment:
    """The comment as it is now that nobody else can change its thread: it is read again for that."""
    work.threads.lock(_editable(service, work, public_id, key).thread_id)
    return _editable(service, work, public_id, key)


def _editable(service: Service, work: UnitOfWork, public_id: str, key: str) -> StoredComment:
    comment = _own(service, work, public_id, key)
    until = _until(service, comment)
    if service.now() >= until:
        raise Forbidden(
            message(
                "The time for editing this comment ended at %(until)s.", until=f"{until:%Y-%m-%d %H:%M} UTC"
            )
        )
    return comment


def _own(service: Service, work: UnitOfWork, public_id: str, key: str) -> StoredComment:
    if not guest_keys.is_edit_key(service, public_id, key):
        raise Forbidden(message("This edit key is not the one of this comment."))
    comment = work.comments.by_public_id(public_id)
    if comment is None:
        raise NotFound(GONE)
    return comment


def _until(service: Service, comment: StoredComment) -> datetime:
    return comment.posted_at + timedelta(seconds=service.settings.edit_window)
