"""Decide about comments: one by one, many at once, or all of an author."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from commentsvc.access.permissions import require
from commentsvc.model import (
    Action,
    Conflict,
    Decided,
    Decisions,
    EventKind,
    Moderator,
    Permission,
    Seen,
    State,
)
from commentsvc.moderation.named_requests import Named, SentAtOnce, answered, remember
from commentsvc.records import NewDecision, StoredComment
from commentsvc.service import Service
from commentsvc.storage.retries import retried
from commentsvc.storage.unit_of_work import UnitOfWork
from commentsvc.threads.lifecycle import change_state, erase, note_judgement, tell

MAX_DECIDED = 200  # ids of one request, and comments of one transaction: posts wait for it
MAX_OF_AUTHOR = 1000  # comments of an author that one request may decide about
LONGEST_REASON = 500


class ManyOfAuthor(Exception):
    """An author has more comments than one request decides about."""


_STATES = {
    Action.APPROVE: State.APPROVED,
    Action.HOLD: State.PENDING,
    Action.SPAM: State.SPAM,
    Action.TRASH: State.TRASH,
}


def decide(
    service: Service,
    moderator: Moderator,
    seen: Sequence[Seen],
    action: Action,
    reason: str | None,
    named: Named | None = None,
) -> Decisions:
    """Carry out one decision on all of *seen*; give what changed, and which ids there are not.

    It closes what readers reported of them, also where it changes nothing. What is in that state already stays as it is
    and is given with the same `from` and `to`. What is no longer as it was seen is not decided about.

    :param named: the request, where its client gave it an id: sent again, it is answered as it was.
    :raises AlreadyDecided: another request of this moderator has that id.
    :raises Forbidden: this one decides nothing.
    """
    require(moderator, Permission.DECIDE)
    return _once(service, moderator, named, partial(_decide, service, moderator, seen, action, reason, named))


def decide_author(
    service: Service,
    moderator: Moderator,
    author_id: str,
    action: Action,
    reason: str | None,
    named: Named | None = None,
) -> Decisions:
    """Carry out one decision on all comments of an author, on the sites of this moderator.

    In steps of `MAX_DECIDED`, between which others may write.

    :param named: as for `decide`.
    :raises ManyOfAuthor: there are more than `MAX_OF_AUTHOR`: a job decides about these (`bulk_decide`).
    :raises AlreadyDecided, Forbidden: as `decide` does.
    """
    require(moderator, Permission.DECIDE)
    decided = partial(_decide_author, service, moderator, author_id, action, reason, named)
    return _once(service, moderator, named, decided)


def _once(
    service: Service, moderator: Moderator, named: Named | None, carry_out: Callable[[], Decisions]
) -> Decisions:
    if named is None:
        return carry_out()
    with service.reading() as work:
        answer = answered(work, moderator, named)
    if answer is not None:
        return answer
    try:
        return carry_out()
    except SentAtOnce:
        with service.reading() as work:
            answer = answered(work, moderator, named)
        if answer is None:
            raise
        return answer


@retried
def _decide(
    service: Service,
    moderator: Moderator,
    seen: Sequence[Seen],
    action: Action,
    reason: str | None,
    named: Named | None,
) -> Decisions:
    with service.unit_of_work() as work:
        done = decide_within(service, work, moderator, seen, action, reason)
        if named:
            remember(service, work, moderator, named, done)
    if action is Action.PURGE and done.decided:
        service.database.forget_erased()
    return done


def decide_within(
    service: Service,
    work: UnitOfWork,
    moderator: Moderator,
    seen: Sequence[Seen],
    action: Action,
    reason: str | None,
) -> Decisions:
    """Do what `decide` does, as a part of *work*. What is purged is forgotten by `Database.forget_erased` after it."""
    done = Decisions([], [], [])
    first_seen = {one.id: one for one in reversed(seen)}
    distinct = [first_seen[public_id] for public_id in dict.fromkeys(one.id for one in seen)]
    comments = [work.comments.by_public_id(one.id) for one in distinct]
    # Always in the same order, so that two decisions never wait for each other.
    for thread_id in sorted({comment.thread_id for comment in comments if comment}):
        work.threads.lock(thread_id)
    for one in distinct:
        comment = work.comments.by_public_id(one.id)
        if comment is None or not moderator.may_see(comment.site_id):
            done.missing.append(one.id)
        elif conflict := _conflict(work, one, comment):
            done.conflicts.append(conflict)
        else:
            done.decided.append(_decide_one(service, work, moderator, comment, action, reason))
    return done


def _decide_author(
    service: Service,
    moderator: Moderator,
    author_id: str,
    action: Action,
    reason: str | None,
    named: Named | None,
) -> Decisions:
    with service.reading() as work:
        ids = work.comments.of_author(moderator.sites, author_id, MAX_OF_AUTHOR + 1)
    if len(ids) > MAX_OF_AUTHOR:
        raise ManyOfAuthor
    done = Decisions([], [], [])
    for start in range(0, len(ids), MAX_DECIDED):
        step = [Seen(public_id) for public_id in ids[start : start + MAX_DECIDED]]
        done.decided.extend(_decide(service, moderator, step, action, reason, None).decided)
    if named:
        with service.unit_of_work() as work:
            remember(service, work, moderator, named, done)
    return done


def _conflict(work: UnitOfWork, seen: Seen, comment: StoredComment) -> Conflict | None:
    if seen.revision is not None and seen.revision != comment.revision:
        return Conflict(comment.public_id, "edited-meanwhile")
    if seen.state is not None and seen.state is not comment.state:
        by = work.decisions.latest_by(comment.public_id)
        who = (by.id, by.name) if by else ()
        return Conflict(comment.public_id, "already-decided", *who)
    return None


def close_matters(
    work: UnitOfWork, comment: StoredComment, action: Action, reason: str | None, now: datetime
) -> None:
    """A person decided: what readers reported of *comment* is closed, and what its author objected is answered."""
    work.reports.close(comment.id, now)
    if action is not Action.HOLD:  # who holds it is still thinking
        work.objections.answer(comment.id, reason, now, granted=action is Action.APPROVE)


def _decide_one(
    service: Service,
    work: UnitOfWork,
    moderator: Moderator,
    comment: StoredComment,
    action: Action,
    reason: str | None,
) -> Decided:
    before = comment.state
    after = _STATES.get(action)
    now = service.now().replace(microsecond=0)
    close_matters(work, comment, action, reason, now)
    if after is before:
        if action is Action.APPROVE:  # it was public without a person's word
            work.comments.vouch(comment.id)
        return Decided(comment.public_id, before, after)
    line = NewDecision(
        by=moderator.actor.id,
        by_name=moderator.actor.name,
        comment=comment.public_id,
        site_id=comment.site_id,
        article=work.public_comments.author_view(comment.id)[1].article,
        action=str(action),
        from_state=before,
        to_state=after,
        reason=reason,
        revision=comment.revision,
    )
    decision = work.decisions.add(line, service.random_bytes, now)
    note_judgement(work, comment, action, decision)
    by = moderator.actor.id
    tell(work, comment, EventKind.DECIDED, now, by, decision=decision, action=str(action))
    if after is None:
        erase(work, comment, now, by=by)
    else:
        change_state(work, comment, after, service.now(), by=by)
    return Decided(comment.public_id, before, after, decision)
