"""Post a comment, exactly once however often it is sent."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from dataclasses import replace
from datetime import datetime, timedelta

from commentsvc.actions import closing, slow_mode
from commentsvc.errors import NoSuchParent, ThreadClosed, TokenSpent
from commentsvc.ids import fresh_secret
from commentsvc.intake import guest_keys
from commentsvc.intake.plain_forms import REMEMBERED_SECONDS
from commentsvc.messages import message
from commentsvc.model import Client, Posted, SafeHtml, Site, State, Submission
from commentsvc.privacy import sealing
from commentsvc.privacy.keys import Keys
from commentsvc.privacy.sealing import SealedAddress
from commentsvc.publishing import sanitise
from commentsvc.publishing.public import public_comment, thread_url
from commentsvc.rate_limits.networks import UNKNOWN, network_of_log
from commentsvc.records import NewComment, Place, PublicRow, StoredThread, ThreadRef
from commentsvc.screening.hosts import domain_of
from commentsvc.screening.pipeline import Sender, Submitted, prepare, screen_before
from commentsvc.service import Service
from commentsvc.storage import findings
from commentsvc.storage.retries import retried
from commentsvc.storage.unit_of_work import UnitOfWork
from commentsvc.threads import places
from commentsvc.threads.lifecycle import add, record_rule, require_room, show_change
from commentsvc.threads.locks import is_under_lock

ID_BYTES = 12  # 96 random bits: cannot be guessed, and tells no number
FORMS_REMEMBERED = timedelta(seconds=REMEMBERED_SECONDS)

SPENT = message(
    "This form was sent before with another content, which stands unchanged. "
    "To post this as well, send it from a fresh form."
)
PARENT_GONE = message(
    "The comment you answer is no longer in this thread. "
    "Your text is kept; you can post it as a comment of its own."
)
BRANCH_CLOSED = message("Replies to this comment are closed. Your text is kept here, but cannot be posted.")


def sent_before(service: Service, work: UnitOfWork, submission: Submission) -> Posted | None:
    """Give the answer of an earlier sending of the same, if there was one.

    :raises TokenSpent: the token made a comment with another content.
    """
    return _earlier(service, work, submission)


def begins_thread(work: UnitOfWork, submission: Submission) -> bool:
    """Whether this would be the first comment of its article."""
    return work.threads.find(submission.site.id, submission.article) is None


@retried
def post(service: Service, submission: Submission, html: SafeHtml, *, client: Client | None) -> Posted:
    """Store *submission* once and say whether it is public.

    :raises TokenSpent: the token made a comment with another content.
    :raises ThreadClosed: the thread, or the branch that it goes into, is closed.
    :raises SlowMode: its author, or somebody of that network, posted there a short while ago.
    :raises NoSuchParent: what it answers is not public in this thread.
    :raises Forbidden, Invalid: a check rejects it.
    :raises QueueFull: it would have to wait, and as many of its site wait as may.
    """
    public_id = urlsafe_b64encode(service.random_bytes(ID_BYTES)).decode()
    author_id = submission.author_id or guest_keys.new_author_id(service.random_bytes)
    address = sealing.seal(submission.email, public_id, service.address_keys)
    site = submission.site
    network = _network_to_keep(service, site, client, public_id)
    now = service.now().replace(microsecond=0)
    submitted = Submitted(
        submission.article, submission.name, submission.url, submission.text, html, submission.trap
    )
    lookups = sealing.lookups(submission.email, service.address_keys)
    sender = Sender(author_id, lookups, domain_of(submission.email), client)
    with service.reading() as work:
        unscreened = prepare(work, service.plugins, site, submitted, sender, now)
    screening = screen_before(unscreened)

    with service.unit_of_work() as work:
        thread = work.threads.open_for_writing(site.id, submission.article)
        # It may have come in since the first look; now that the thread is locked, it no longer can.
        if earlier := _earlier(service, work, submission) or _same_form(service, work, submission):
            return earlier
        if thread.is_closed_at(now):
            raise ThreadClosed(
                message("This discussion is closed. Your text is kept here, but cannot be posted.")
            )
        parent = None
        if submission.parent is not None:
            parent = work.public_comments.parent(thread.id, submission.parent)
            if parent is None:
                raise NoSuchParent(PARENT_GONE)
            if is_under_lock(work, thread, parent):
                raise ThreadClosed(BRANCH_CLOSED)
        slow_mode.take_turn(service, work, thread, author_id, client, service.now())
        verdict = screening.inside(work, service.metrics)
        if not submission.by_api_client:
            require_room(service, work, site, verdict)
        comment = NewComment(
            public_id=public_id,
            site_id=site.id,
            state=verdict.state,
            reasons=verdict.reasons,
            findings=findings.to_json(verdict.findings),
            author_id=author_id,
            author_name=submission.name,
            author_url=submission.url,
            text=submission.text,
            html=html,
            rules=sanitise.RULES,
            fingerprint=screening.fingerprint,
            posted_at=now,
        )
        added = add(work, thread, parent, comment, service.settings.max_depth, now)
        if added.place.path == places.FIRST:
            closing.begin(work, site, thread, now)
        work.addresses.add(added.row_id, address.sealed, address.lookup)
        if network is not None:
            work.networks.add(added.row_id, site.id, network.sealed, network.lookup, now)
        if submission.notify is not None:
            stop = fresh_secret(service.random_bytes)
            work.follows.add(added.row_id, site.id, thread.id, submission.notify, submission.lang, stop, now)
        record_rule(service, work, comment, submission.article, None, verdict)
        _describe(work, thread, added.row_id, submission, now)
        _spend(service, work, submission, added.row_id)
        _remember_form(work, submission, added.row_id, now)
    service.metrics.add("posts", str(comment.state))
    return _posted(
        service,
        _public_row(comment, added.place, submission.parent),
        ThreadRef(site.slug, thread.article, thread.title, thread.pins, thread.locks),
        author_id,
    )


def _network_to_keep(
    service: Service, site: Site, client: Client | None, public_id: str
) -> SealedAddress | None:
    """The network of a guest, sealed for their comment; None where the site keeps none, or it is not known."""
    if client is None or not site.retain_networks:
        return None
    network = network_of_log(client.ip)
    return None if network == UNKNOWN else sealing.seal(network, public_id, service.address_keys)


def _spend(service: Service, work: UnitOfWork, submission: Submission, row_id: int) -> None:
    if submission.nonce is None or submission.nonce_expires_at is None:
        return
    digest = _digest(service.keys, submission)
    if not work.spent_tokens.spend(submission.nonce, row_id, digest, submission.nonce_expires_at):
        # Since the first look it made a comment on another article, which has other content.
        raise TokenSpent(SPENT)


def _remember_form(work: UnitOfWork, submission: Submission, row_id: int, now: datetime) -> None:
    if submission.form_digest is not None:
        work.sent_forms.remember(submission.form_digest, row_id, now + FORMS_REMEMBERED)


def _public_row(comment: NewComment, place: Place, parent: str | None) -> PublicRow:
    """What a first reading of the comment would give."""
    return PublicRow(
        public_id=comment.public_id,
        parent=parent,
        depth=place.depth,
        state=comment.state,
        author_name=comment.author_name,
        author_url=comment.author_url,
        html=comment.html,
        posted_at=comment.posted_at,
        edited_at=None,
        public_below=0,
        staff=comment.staff,
        redacted=False,
        root_seq=place.root_seq,
        path=place.path,
    )


def _describe(
    work: UnitOfWork, thread: StoredThread, comment_id: int, submission: Submission, now: datetime
) -> None:
    work.threads.claim(thread.id, comment_id, submission.claimed_title, submission.claimed_url)
    if not submission.by_api_client:
        return
    claims = {"title": submission.claimed_title, "url": submission.claimed_url}
    current = {"title": thread.title, "url": thread.url}
    claimed = {name: value for name, value in claims.items() if value is not None and current[name] is None}
    if claimed:
        work.threads.describe(thread.id, **claimed)
        show_change(work, thread.id, now)


def _earlier(service: Service, work: UnitOfWork, submission: Submission) -> Posted | None:
    if submission.nonce is None:
        return None
    spent = work.spent_tokens.find(submission.nonce)
    if spent is None:
        return None
    digests = [_digest(keys, submission) for keys in service.keys.each()]
    if not any(hmac.compare_digest(spent.digest, digest) for digest in digests):
        raise TokenSpent(SPENT)
    comment = work.comments.by_id(spent.comment_id)
    if comment.erased_at is not None:
        raise TokenSpent(message("The comment that this form made was deleted since."))
    row, where = work.public_comments.author_view(comment.id)
    return _posted(service, row, where, comment.author_id, repeated=True)


def _same_form(service: Service, work: UnitOfWork, submission: Submission) -> Posted | None:
    """The comment of a plain form with the same content, which came with another token a short while ago."""
    if submission.form_digest is None:
        return None
    row_id = work.sent_forms.comment_of(submission.form_digest, service.now())
    if row_id is None:
        return None
    row, where = work.public_comments.author_view(row_id)
    posted = _posted(service, row, where, "", repeated=True)
    return replace(posted, edit_key="", author_key="", with_keys=False)


def _posted(
    service: Service, row: PublicRow, where: ThreadRef, author_id: str, *, repeated: bool = False
) -> Posted:
    thread = thread_url(service.settings.base_url, where.site, where.article)
    return Posted(
        comment=public_comment(row, thread, where.marks, own=True),
        state=State.APPROVED if row.state is State.APPROVED else State.PENDING,
        edit_key=guest_keys.edit_key(service, row.public_id),
        edit_until=row.posted_at + timedelta(seconds=service.settings.edit_window),
        author_key=guest_keys.author_key(service, author_id),
        repeated=repeated,
    )


def _digest(keys: Keys, submission: Submission) -> bytes:
    """A keyed hash of the content: an unkeyed one would let a thief of the database try addresses."""
    parts = (
        submission.site.slug,
        submission.article,
        submission.parent or "",
        submission.name,
        submission.email,
        submission.url or "",
        submission.text,
    )
    message = b"".join(len(part.encode()).to_bytes(4) + part.encode() for part in parts)
    return hmac.digest(keys.derive("content digest"), message, hashlib.sha256)
