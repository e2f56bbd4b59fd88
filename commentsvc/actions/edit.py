"""Edit and delete one's own comment, by its edit key, within the edit window."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from commentsvc.actions import sites
from commentsvc.errors import Forbidden, NotFound
from commentsvc.intake import guest_keys
from commentsvc.messages import message
from commentsvc.model import Client, Edited, PublicComment, SafeHtml, Site, State
from commentsvc.publishing import sanitise
from commentsvc.publishing.public import public_comment, thread_url
from commentsvc.screening.edits import is_rewritten
from commentsvc.screening.pipeline import Screening, Sender, Submitted, screen_before
from commentsvc.service import Service
from commentsvc.storage import addresses, comments, findings, threads
from commentsvc.storage.database import forget_erased, reading, retried, transaction
from commentsvc.storage.tables import CommentRow
from commentsvc.threads.lifecycle import change_state, erase, record_rule, require_room

GONE = message("There is no such comment; it may have been deleted.")


@dataclass(frozen=True, slots=True)
class OwnText:
    """One's own comment as long as it may be edited: the text as it was typed, and as it is shown."""

    id: str
    key: str
    text: str
    html: SafeHtml
    until: datetime


def own_text(service: Service, site: Site, article: str, public_id: str, key: str) -> OwnText:
    """Give the text of one's own comment in that thread.

    :raises NotFound: there is no such comment in this thread.
    :raises Forbidden: as `edit` does.
    """
    comment = _editable(service, reading(), public_id, key)
    row, where = comments.author_view(reading(), comment.id)
    if (where.site, where.article) != (site.slug, article):
        raise NotFound(GONE)
    return OwnText(public_id, key, comment.text, SafeHtml(row.html), _until(service, comment))


def require_editable(service: Service, public_id: str, key: str) -> None:
    """Go on where the comment is one that its author may edit now.

    :raises NotFound, Forbidden: as `edit` does.
    """
    _editable(service, reading(), public_id, key)


@dataclass(frozen=True, slots=True)
class OwnComment:
    """A comment as its author sees it while it can be edited, and where it hangs.

    `held` is said of all that is not public, whatever the reason is.
    """

    comment: PublicComment
    held: bool
    site: str
    article: str


def own_comment(service: Service, public_id: str, key: str) -> OwnComment:
    """Give one's own comment, public or not.

    :raises NotFound, Forbidden: as `edit` does.
    """
    comment = _editable(service, reading(), public_id, key)
    row, where = comments.author_view(reading(), comment.id)
    face = public_comment(row, thread_url(service.settings.base_url, where.site, where.article), own=True)
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
    comment = _editable(service, reading(), public_id, key)
    site = sites.by_id(service, comment.site_id)
    screening = _screening(service, site, comment, text, html, client)
    with transaction() as tx:
        comment = _locked(service, tx, public_id, key)
        if comment.text != text:
            _replace(service, tx, comment, text, html, site, screening)
        tx.flush()
        row, where = comments.author_view(tx, comment.id)
        face = public_comment(row, thread_url(service.settings.base_url, where.site, where.article), own=True)
        return Edited(face, State.APPROVED if row.state is State.APPROVED else State.PENDING)


def _screening(
    service: Service, site: Site, comment: CommentRow, text: str, html: SafeHtml, client: Client | None
) -> Screening:
    article = comments.author_view(reading(), comment.id)[1].article
    submitted = Submitted(article, comment.author_name, comment.author_url, text, html)
    sender = Sender(comment.author_id, addresses.lookup_of(reading(), comment.id), client, comment.id)
    now = service.now().replace(microsecond=0)
    return screen_before(reading(), service.plugins, site, submitted, sender, now)


def _replace(
    service: Service,
    tx: Session,
    comment: CommentRow,
    text: str,
    html: SafeHtml,
    site: Site,
    screening: Screening,
) -> None:
    verdict = screening.inside(tx, known_text=not is_rewritten(comment.html, html))
    if comment.state is State.APPROVED:
        require_room(service, tx, site, verdict)
    comment.text, comment.html, comment.rules = text, html, sanitise.RULES
    comment.fingerprint = screening.fingerprint
    comment.findings = findings.to_json(verdict.findings)
    # Written in any case: where they are as before, for one address and not for another, the statement would tell.
    flag_modified(comment, "findings")
    comment.edited_at = now = service.now().replace(microsecond=0)
    comment.revision += 1
    # An edit may take a comment out of sight, and never brings one back.
    if comment.state is State.APPROVED:
        if verdict.state is State.APPROVED:
            threads.changed(tx, comment.thread_id, now)
        else:
            comment.reasons = list(verdict.reasons)
            article = comments.author_view(tx, comment.id)[1].article
            record_rule(service, tx, comment, article, State.APPROVED, verdict)
            change_state(tx, comment, verdict.state, now)


@retried
def delete(service: Service, public_id: str, key: str) -> None:
    """Erase the comment at once and for good.

    :raises NotFound, Forbidden: as `edit` does.
    """
    with transaction() as tx:
        comment = _locked(service, tx, public_id, key)
        erase(tx, comment, service.now())
    forget_erased()


def _locked(service: Service, tx: Session, public_id: str, key: str) -> CommentRow:
    """The comment as it is now that nobody else can change its thread: it is read again for that."""
    threads.lock(tx, _editable(service, tx, public_id, key).thread_id)
    return _editable(service, tx, public_id, key)


def _editable(service: Service, session: Session, public_id: str, key: str) -> CommentRow:
    if not guest_keys.is_edit_key(service, public_id, key):
        raise Forbidden(message("This edit key is not the one of this comment."))
    comment = comments.by_public_id(session, public_id)
    if comment is None:
        raise NotFound(GONE)
    until = _until(service, comment)
    if service.now() >= until:
        raise Forbidden(
            message(
                "The time for editing this comment ended at %(until)s.", until=f"{until:%Y-%m-%d %H:%M} UTC"
            )
        )
    return comment


def _until(service: Service, comment: CommentRow) -> datetime:
    return comment.posted_at + timedelta(seconds=service.settings.edit_window)
