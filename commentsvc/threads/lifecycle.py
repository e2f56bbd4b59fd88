"""What is public changes here alone: counts, places and the thread's version follow, and events tell of it.

Each function works within somebody's unit of work, and writes there what became public or ceased to be, for
`notifications`, which tells people once that is committed; nothing is sent from here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from commentsvc.errors import QueueFull
from commentsvc.messages import message
from commentsvc.model import Action, EventKind, Site, State, Verdict
from commentsvc.records import NewComment, NewDecision, NewEvent, Parent, Place, StoredComment, StoredThread
from commentsvc.service import Service
from commentsvc.storage.loading import OpenThread
from commentsvc.storage.persons import ANONYMOUS
from commentsvc.storage.unit_of_work import UnitOfWork
from commentsvc.threads import places
from commentsvc.threads.locks import MAX_LOCKS

RULE = "rule"  # who decided, in the log, where nobody did
RULE_NAME = "Rule"

_NEWS = {
    State.APPROVED: EventKind.PUBLIC,
    State.PENDING: EventKind.HELD,
    State.SPAM: EventKind.HIDDEN,
    State.TRASH: EventKind.HIDDEN,
}
"""What is written down of a comment that comes into that state; of each something, so that posts do not differ."""


@dataclass(frozen=True, slots=True)
class Added:
    """A comment that was stored: in which row, and where it stands."""

    row_id: int
    place: Place


def add(
    work: UnitOfWork,
    thread: StoredThread,
    parent: Parent | None,
    comment: NewComment,
    max_depth: int,
    now: datetime,
    by: str | None = None,
) -> Added:
    """Give *comment* its place in *thread*, which is locked, and store it.

    :param by: the id of who answers as one of the staff.
    """
    public = comment.state is State.APPROVED
    seq = work.threads.take_number(thread.id, now, public=public)
    place = places.place(seq, parent.path if parent else "", max_depth)
    parent_id = parent.id if parent else None
    row_id = work.comments.add(comment, thread_id=thread.id, parent_id=parent_id, seq=seq, place=place)
    work.search.add(row_id, comment.author_name, comment.text)
    work.counts.add(comment.site_id, comment.state, +1)
    if public:
        work.comments.add_below(thread.id, parent_id, places.ancestors(place.path), +1)
    work.events.add(
        NewEvent(
            kind=_NEWS[comment.state],
            at=now,
            site_id=comment.site_id,
            thread_id=thread.id,
            comment_id=row_id,
            by=by,
            data={"comment": comment.public_id, "posted": True},
        )
    )
    return Added(row_id, place)


def add_many(
    work: UnitOfWork,
    comments: Sequence[dict[str, Any]],
    addresses: Sequence[Mapping[str, Any]],
    above: Mapping[int, Iterable[int]],
    threads: Iterable[OpenThread],
    now: datetime,
) -> None:
    """Store many rows of `comment` and `address`, which have their places; nobody is told of them.

    :param above: by the number of a comment's row, the rows that count it.
    :param threads: those that they belong to, locked, with their last numbers.
    """
    by_id = {thread.id: thread for thread in threads}
    below: Counter[int] = Counter()
    for comment in comments:
        if comment["erased_at"] is None:
            work.counts.add(comment["site_id"], comment["state"], +1)
        if comment["state"] is State.APPROVED:
            by_id[comment["thread_id"]].more += 1
            below.update(above[comment["id"]])
    for comment in comments:
        comment["public_below"] = below.pop(comment["id"], 0)
        comment["shown"] = comment["state"] is State.APPROVED or comment["public_below"] > 0
    work.bulk.add(comments, addresses)
    work.search.add_many(
        (row["id"], row["author_name"], row["text"], row["markup"])
        for row in comments
        if row["erased_at"] is None
    )
    work.bulk.add_below(below)  # what is left stands in earlier batches
    work.bulk.advance(by_id.values(), now)


def change_state(
    work: UnitOfWork,
    comment: StoredComment,
    to: State,
    now: datetime,
    *,
    by: str | None = None,
    told: bool = True,
    edited: bool = False,
) -> None:
    """Move *comment* to *to*: counts, placeholders above it and the thread's version follow.

    State and event are written in any case: what a block on an address put into the trash is deleted in the
    same statements as what waits.

    :param by: the id of the actor who did it, where a person of the staff did.
    :param told: whether anybody is told of it.
    :param edited: whether its author's edit is the reason: then it is new to moderators.
    """
    work.comments.set_state(comment.id, to)
    if to is not comment.state:
        work.counts.add(comment.site_id, comment.state, -1)
        work.counts.add(comment.site_id, to, +1)
    delta = (to is State.APPROVED) - (comment.state is State.APPROVED)
    if delta:
        above = places.ancestors(comment.path)
        work.comments.add_below(comment.thread_id, comment.parent_id, above, delta)
        work.threads.changed(comment.thread_id, now, count=delta)
    if not told:
        return
    if delta < 0:
        tell(work, comment, EventKind.GONE, now, by)
    if delta > 0 or to is not State.APPROVED:
        tell(work, comment, _NEWS[to], now, by, **({"edited": True} if edited else {}))


def tell(
    work: UnitOfWork,
    comment: StoredComment,
    kind: EventKind,
    now: datetime,
    by: str | None = None,
    **data: Any,
) -> None:
    """Write down that *kind* happened to *comment*, for those who are to be told of it.

    :param data: ids and states that tell more.
    """
    work.events.add(
        NewEvent(
            kind=kind,
            at=now,
            site_id=comment.site_id,
            thread_id=comment.thread_id,
            comment_id=comment.id,
            by=by,
            data={"comment": comment.public_id, **data},
        )
    )


def erase(
    work: UnitOfWork, comment: StoredComment, now: datetime, *, by: str | None = None, told: bool = True
) -> None:
    """Erase *comment* for good; its place stays, for the replies below it, but stands first no more.

    :param by: and *told*: as for `change_state`.
    """
    change_state(work, comment, State.TRASH, now, by=by, told=told)
    _take_marks(work, comment, now)
    work.threads.forget_claim(comment.thread_id, comment.id)
    _forget_address(work, comment.id, now)
    work.networks.erase(comment.id)
    work.notes.erase(comment.id)
    work.reports.erase(comment.id, now)
    work.objections.erase(comment.id)
    work.notices.forget([comment.id])
    work.moderators_mail.forget([comment.id])
    work.comments.erase(comment.id, now)
    work.counts.add(comment.site_id, State.TRASH, -1)


def anonymise(
    work: UnitOfWork,
    comment: StoredComment,
    author_id: str,
    text: str,
    redactions: Sequence[Sequence[int]] | None,
    now: datetime,
) -> None:
    """Leave the text of *comment*, by nobody: all that tells of its author is erased.

    :param text: the text without what a moderator blacked out, which *redactions* say where it was.
    """
    work.persons.anonymise(comment.id, author_id, text, redactions)
    work.search.replace(comment.id, ANONYMOUS, text)
    _forget_address(work, comment.id, now)
    work.networks.erase(comment.id)
    work.notes.erase(comment.id)
    work.reports.erase(comment.id, now)
    work.objections.erase(comment.id)
    if comment.state is State.APPROVED:
        show_edit(work, comment, now)


def _forget_address(work: UnitOfWork, comment_id: int, now: datetime) -> None:
    """Forget the address of a comment; with it ends what its author was to be told of."""
    work.addresses.erase(comment_id)
    work.follows.end([comment_id], now)
    work.questions.end([comment_id], now)


def take_back(work: UnitOfWork, comment: StoredComment, now: datetime) -> None:
    """Count *comment*, which nothing answers, no more: its row is about to be deleted. Nobody is told."""
    if comment.erased_at is None:
        change_state(work, comment, State.TRASH, now, told=False)
        work.counts.add(comment.site_id, State.TRASH, -1)
    _take_marks(work, comment, now)
    work.threads.forget_claim(comment.thread_id, comment.id)


def _take_marks(work: UnitOfWork, comment: StoredComment, now: datetime) -> None:
    """Nothing is pinned or locked any more at the place of *comment*; what answers it is locked instead."""
    thread = work.threads.by_id(comment.thread_id)
    pins = [pin for pin in thread.pins if places.encode(pin) != comment.path]
    locks = [lock for lock in thread.locks if lock != comment.path]
    if len(locks) < len(thread.locks):
        locks.extend(path for path in _answers_left(work, comment.id) if path not in locks)
    if len(locks) > MAX_LOCKS:
        locks = list(thread.locks)  # one place stands for all of them
    if (pins, locks) != (list(thread.pins), list(thread.locks)):
        work.threads.describe(comment.thread_id, pins=pins, locks=locks)
        show_change(work, comment.thread_id, now)


def _answers_left(work: UnitOfWork, comment_id: int) -> Iterator[str]:
    """Where those stand that answer a comment, or one that did and is erased."""
    waiting = [comment_id]
    while waiting:
        for row_id, path, is_erased in work.comments.answers(waiting.pop()):
            if is_erased:
                waiting.append(row_id)
            else:
                yield path


def show_change(work: UnitOfWork, thread_id: int, now: datetime) -> None:
    """Let readers see that what is public of a thread looks different: a text, or the thread's title."""
    work.threads.changed(thread_id, now)


def show_edit(work: UnitOfWork, comment: StoredComment, now: datetime, by: str | None = None) -> None:
    """Let readers see that the public *comment* has another text or name."""
    show_change(work, comment.thread_id, now)
    tell(work, comment, EventKind.EDITED, now, by)


def note_judgement(work: UnitOfWork, comment: StoredComment, action: Action, decision: str) -> None:
    """Let what a person decided about *comment*, by the decision of that id, count for or against its author.

    Who approves vouches for the author. Who takes a comment away ends all trust in the author on
    that site; to hold one is to think about it, and ends what that comment vouched for.
    """
    if action is Action.APPROVE:
        work.comments.vouch(comment.id)
    elif action is Action.HOLD:
        work.trust.withdraw_one(comment.id, decision)
    else:
        work.trust.withdraw(comment.site_id, comment.author_id, decision)


def restore_trust(work: UnitOfWork, comment: StoredComment, decision: str) -> None:
    """The decision of that id about *comment* is undone: its author is trusted as if it had not been made.

    Where a later decision against the author stands, that one ends the trust instead.
    """
    whose = (comment.site_id, comment.author_id, decision)
    later = work.trust.taken_later(*whose, rule=RULE)
    if later is None:
        work.trust.restore(*whose)
    else:
        work.trust.hand_on(*whose, to=later)


def require_room(service: Service, work: UnitOfWork, site: Site, verdict: Verdict) -> None:
    """Refuse a guest's comment that would not be public, where as many wait as may.

    Whatever keeps it from being public: so a block on an address shows as nothing more than any other.

    :raises QueueFull: as many wait.
    """
    if verdict.state is State.APPROVED:
        return
    if work.comments.as_many_wait(site.id, service.settings.pending_limit):
        raise QueueFull(
            message(
                "Too many comments are waiting for a moderator here at the moment. "
                "Your text is saved; please send it again later."
            )
        )


def record_rule(
    service: Service,
    work: UnitOfWork,
    comment: StoredComment | NewComment,
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
    decision = work.decisions.add(
        NewDecision(
            by=RULE,
            by_name=RULE_NAME,
            comment=comment.public_id,
            site_id=comment.site_id,
            article=article,
            action=str(verdict.state),
            from_state=came_from,
            to_state=verdict.state,
            reason="; ".join(verdict.reasons),
            revision=comment.revision if isinstance(comment, StoredComment) else None,
        ),
        service.random_bytes,
        service.now().replace(microsecond=0),
    )
    if verdict.told is not None:
        work.statements.add(decision, verdict.told.outcome, verdict.told.facts)
