"""Undo decisions, also hours later, from the log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from commentsvc.access.permissions import require
from commentsvc.actions.decide import MAX_DECIDED, close_matters
from commentsvc.model import Action, Moderator, NotUndone, Permission, Undoing, Undone
from commentsvc.moderation.reasons import OBJECTION
from commentsvc.moderation.standing import is_superseded, origin, undo_of, would_publish_unread
from commentsvc.records import NewDecision, StoredComment, StoredDecision
from commentsvc.service import Service
from commentsvc.storage.retries import retried
from commentsvc.storage.unit_of_work import UnitOfWork
from commentsvc.threads.lifecycle import RULE, change_state, note_judgement, restore_trust

UNDO = "undo"


@retried
def undo(service: Service, moderator: Moderator, decisions: Sequence[str]) -> Undoing:
    """Undo decisions, each of which is named by its id; the last one given is undone first.

    The comment is then in the state of before. What a later decision changed again stays as it is. One that is
    undone already is given as it was undone.

    :raises Forbidden: this one decides nothing.
    """
    require(moderator, Permission.DECIDE)
    done = Undoing([], [])
    with service.unit_of_work() as work:
        lines = [work.decisions.find(public_id) for public_id in dict.fromkeys(reversed(decisions))]
        comments = {line.comment: work.comments.by_public_id(line.comment) for line in lines if line}
        for thread_id in sorted({comment.thread_id for comment in comments.values() if comment}):
            work.threads.lock(thread_id)
        for public_id, line in zip(dict.fromkeys(reversed(decisions)), lines, strict=True):
            outcome = _undo_one(service, work, moderator, public_id, line)
            (done.undone if isinstance(outcome, Undone) else done.refused).append(outcome)  # type: ignore[arg-type]
    return done


def undo_request(service: Service, moderator: Moderator, client_id: str) -> Undoing:
    """Undo all that the request of that id decided, in steps between which others may write."""
    with service.reading() as work:
        earlier = work.decision_requests.find(moderator.actor.id, client_id)
    answer = None if earlier is None else earlier[1]
    decisions = [one["decision"] for one in (answer or {}).get("decided", ()) if one["decision"]]
    done = Undoing([], [])
    for start in range(0, len(decisions), MAX_DECIDED):
        step = undo(service, moderator, decisions[start : start + MAX_DECIDED])
        done.undone.extend(step.undone)
        done.refused.extend(step.refused)
    return done


def _undo_one(
    service: Service, work: UnitOfWork, moderator: Moderator, public_id: str, line: StoredDecision | None
) -> Undone | NotUndone:
    if line is None or line.from_state is None or not moderator.may_see(line.site_id):
        return NotUndone(public_id, "unknown")
    comment = work.comments.by_public_id(line.comment)
    if comment is None or line.to_state is None:
        return NotUndone(public_id, "erased")
    lines = work.decisions.of_comment(line.comment)
    if earlier := undo_of(line, lines):
        return Undone(public_id, earlier.public_id, line.comment, line.to_state, line.from_state)
    if comment.state is not line.to_state or line.action == OBJECTION or is_superseded(line, lines):
        return NotUndone(public_id, "superseded")
    if would_publish_unread(line, comment):
        return NotUndone(public_id, "edited")
    new = NewDecision(
        by=moderator.actor.id,
        by_name=moderator.actor.name,
        comment=comment.public_id,
        site_id=comment.site_id,
        article=work.public_comments.author_view(comment.id)[1].article,
        action=UNDO,
        from_state=line.to_state,
        to_state=line.from_state,
        reason=None,
        undoes=public_id,
        revision=comment.revision,
    )
    now = service.now().replace(microsecond=0)
    undo_id = work.decisions.add(new, service.random_bytes, now)
    _restore(work, moderator, comment, line, lines, undo_id, now)
    return Undone(public_id, undo_id, comment.public_id, line.to_state, line.from_state)


def _restore(
    work: UnitOfWork,
    moderator: Moderator,
    comment: StoredComment,
    line: StoredDecision,
    lines: Sequence[StoredDecision],
    undo_id: str,
    now: datetime,
) -> None:
    """Put *comment* into the state that it had before *line*, with what that closed, and its author into the trust."""
    assert line.from_state is not None  # noqa: S101 - `_undo_one` looked
    first, was_in_force = origin(line, lines) or (line, False)
    is_judgement = first.by != RULE and first.undoes is None
    if is_judgement and not was_in_force:  # an undo is undone: the first decision is in force again
        close_matters(work, comment, Action(first.action), first.reason, now)
        note_judgement(work, comment, Action(first.action), undo_id)
    change_state(work, comment, line.from_state, now, by=moderator.actor.id)
    if is_judgement and was_in_force:
        work.reports.reopen(comment.id, line.decided_at)
        work.objections.reopen(comment.id, line.decided_at)
        restore_trust(work, comment, line.public_id)
