"""Change what is public of a comment, within somebody's transaction: the one place that does."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from commentsvc.errors import QueueFull
from commentsvc.messages import message
from commentsvc.model import Action, Site, State, Verdict
from commentsvc.service import Service
from commentsvc.storage import addresses, comments, decisions, threads, trust
from commentsvc.storage.comments import NewComment
from commentsvc.storage.tables import CommentRow
from commentsvc.threads import places


def change_state(tx: Session, comment: CommentRow, to: State, now: datetime) -> None:
    """Move *comment* to *to*: counts, placeholders above it and the thread's version follow."""
    delta = (to is State.APPROVED) - (comment.state is State.APPROVED)
    comment.state = to
    # Written in any case: what a block on an address put into the trash is deleted in the same
    # statements as what waits.
    flag_modified(comment, "state")
    comment.vouched = comment.vouched and to is State.APPROVED
    comment.shown = to is State.APPROVED or comment.public_below > 0
    tx.flush()
    if delta:
        above = places.ancestors(comment.path)
        comments.add_below(tx, comment.thread_id, comment.parent_id, above, delta)
        threads.changed(tx, comment.thread_id, now, count=delta)


def note_judgement(tx: Session, comment: CommentRow, action: Action) -> None:
    """Let what a person decided about *comment* count for or against its author.

    Who approves vouches for the author. Who takes a comment away ends all trust in the author on
    that site; to hold one is to think about it, and ends what that comment vouched for.
    """
    if action is Action.APPROVE:
        comment.vouched = True
    elif action is not Action.HOLD:
        trust.withdraw(tx, comment.site_id, comment.author_id)


def erase(tx: Session, comment: CommentRow, now: datetime) -> None:
    """Erase *comment* for good; its place stays, for the replies below it."""
    change_state(tx, comment, State.TRASH, now)
    addresses.erase(tx, comment.id)
    comment.author_name = comment.text = comment.html = ""
    comment.author_url = comment.edited_at = None
    comment.reasons = []
    comment.findings = []
    comment.fingerprint = None
    comment.erased_at = now


def require_room(service: Service, tx: Session, site: Site, verdict: Verdict) -> None:
    """Refuse a guest's comment that would not be public, where as many wait as may.

    Whatever keeps it from being public: so a block on an address shows as nothing more than any other.

    :raises QueueFull: as many wait.
    """
    if verdict.state is State.APPROVED:
        return
    if comments.as_many_wait(tx, site.id, service.settings.pending_limit):
        raise QueueFull(
            message(
                "Too many comments are waiting for a moderator here at the moment. "
                "Your text is saved; please send it again later."
            )
        )


def record_rule(
    service: Service,
    tx: Session,
    comment: CommentRow | NewComment,
    article: str,
    came_from: State | None,
    verdict: Verdict,
) -> None:
    """Write into the audit log that screening did not let *comment* through, and why.

    Whatever the reason is, the same is written: if blocks alone were, a post under a blocked address
    would take longer than one that waits as a stranger's does.
    """
    if verdict.state is State.APPROVED:
        return
    decisions.add(
        tx,
        decisions.NewDecision(
            by="rule",
            comment=comment.public_id,
            site_id=comment.site_id,
            article=article,
            action=str(verdict.state),
            from_state=came_from,
            to_state=verdict.state,
            reason="; ".join(verdict.reasons),
        ),
        service.random_bytes,
        service.now().replace(microsecond=0),
    )
