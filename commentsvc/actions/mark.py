"""What a moderator sets on one comment: pinned, locked, of the staff, partly blacked out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from commentsvc.access.permissions import require
from commentsvc.actions.moderate import permalinks
from commentsvc.audit.trail import Kind, record
from commentsvc.errors import Invalid, NotFound
from commentsvc.messages import message
from commentsvc.model import ModeratedComment, Moderator, Permission, State
from commentsvc.moderation.queue import moderated
from commentsvc.publishing import sanitise
from commentsvc.publishing.redaction import merged, render_stored
from commentsvc.records import StoredComment, StoredThread
from commentsvc.service import Service
from commentsvc.storage.retries import retried
from commentsvc.storage.unit_of_work import UnitOfWork
from commentsvc.threads.lifecycle import show_change, show_edit
from commentsvc.threads.locks import MAX_LOCKS
from commentsvc.threads.pages import MAX_PINS
from commentsvc.threads.places import SEGMENT, decode, encode

MAX_SPANS = 200  # of one text
NOT_HERE = message("There is no such comment.")


@dataclass(frozen=True, slots=True)
class Changes:
    """What changes of a comment; None where it stays.

    `redact` are code points of the text, half open; of its revision `read`, where who asks says which that is.
    """

    pinned: bool | None = None
    locked: bool | None = None
    staff: bool | None = None
    redact: Sequence[tuple[int, int]] | None = None
    read: int | None = None


@retried
def change_comment(
    service: Service, moderator: Moderator, public_id: str, changes: Changes
) -> ModeratedComment:
    """Carry out *changes*, and give the comment as it is then.

    :raises Forbidden: this moderator may only read.
    :raises NotFound: there is no such comment, or it is not this moderator's.
    :raises Invalid: a reply is to be pinned, the thread has no room for more, or the text has no such parts.
    """
    require(moderator, Permission.DECIDE)
    with service.reading() as work:
        before = _found(work, moderator, public_id)
    spans = None if changes.redact is None else _spans(before, changes.redact)
    html = None if spans is None else render_stored(before.text, spans, before.markup)
    with service.unit_of_work() as work:
        work.threads.lock(before.thread_id)
        comment = _found(work, moderator, public_id)
        thread = work.threads.by_id(comment.thread_id)
        _mark(work, thread, comment, changes)
        if changes.staff is not None:
            work.comments.set_staff(comment.id, changes.staff)
        if spans is not None and html is not None:
            if comment.text != before.text or changes.read not in {None, comment.revision}:
                raise Invalid(
                    {"redact": [message("Its author has edited this comment; please read it again.")]}
                )
            work.comments.redact(comment.id, spans or None, html, sanitise.RULES)
        if spans is not None and comment.state is State.APPROVED:
            show_edit(work, comment, service.now(), moderator.actor.id)
        else:
            show_change(work, thread.id, service.now())
        set_now = {
            name: value
            for name in ("pinned", "locked", "staff")
            if (value := getattr(changes, name)) is not None
        }
        told = set_now | ({} if spans is None else {"redacted": spans})
        record(work, service, moderator.actor, Kind.COMMENT_MARKED, comment=public_id, **told)
        return shown_to(service, work, public_id)


def blacking_out(work: UnitOfWork, moderator: Moderator, public_id: str, words: str) -> Changes:
    """What blacks out the parts of a comment's text that have those *words*, beside those that are already.

    :raises NotFound: there is no such comment, or it is not this moderator's.
    :raises Invalid: its text does not have them.
    """
    comment = _found(work, moderator, public_id)
    parts = [(one.start(), one.end()) for one in re.finditer(re.escape(words), comment.text)] if words else []
    if not parts:
        raise Invalid(
            {"words": [message("These words are not in the text; please copy them as they stand there.")]}
        )
    parts.extend((begin, end) for begin, end in comment.redactions or ())
    return Changes(redact=parts, read=comment.revision)


def shown_to(service: Service, work: UnitOfWork, public_id: str) -> ModeratedComment:
    """Give one comment as its moderators see it.

    :raises NotFound: there is no such comment.
    """
    row = work.queue.one(public_id)
    if row is None:
        raise NotFound(NOT_HERE)
    return moderated(row, service.address_keys, permalinks(service))


def _found(work: UnitOfWork, moderator: Moderator, public_id: str) -> StoredComment:
    comment = work.comments.by_public_id(public_id)
    if comment is None or not moderator.may_see(comment.site_id):
        raise NotFound(NOT_HERE)
    return comment


def _mark(work: UnitOfWork, thread: StoredThread, comment: StoredComment, changes: Changes) -> None:
    """Pin and lock, or take that back: both stand in the row of the thread, so that a page has them at once."""
    pins, locks = list(thread.pins), list(thread.locks)
    if changes.pinned is not None:
        if len(comment.path) != SEGMENT:
            raise Invalid(
                {"pinned": ["A reply cannot be pinned; only comments that begin a discussion can."]}
            )
        root = decode(comment.path)
        pins = ([root] if changes.pinned else []) + [pin for pin in pins if pin != root]
        if changes.pinned and len(pins) > MAX_PINS:
            shown = work.comments.shown_at(thread.id, [encode(pin) for pin in pins])
            pins = [pin for pin in pins if pin == root or encode(pin) in shown]
        if changes.pinned and len(pins) > MAX_PINS:
            raise Invalid(
                {"pinned": [message("At most %(most)s comments of a thread can be pinned.", most=MAX_PINS)]}
            )
    if changes.locked is not None:
        others = [lock for lock in locks if lock != comment.path]
        locks = [*others, comment.path] if changes.locked else others
        if changes.locked and len(locks) > MAX_LOCKS:
            raise Invalid(
                {
                    "locked": [
                        message(
                            "At most %(most)s comments of a thread can be locked; close it.", most=MAX_LOCKS
                        )
                    ]
                }
            )
    if (pins, locks) != (thread.pins, thread.locks):
        work.threads.describe(thread.id, pins=pins, locks=locks)


def _spans(comment: StoredComment, parts: Sequence[tuple[int, int]]) -> list[list[int]]:
    """The parts of the comment's text that are named.

    :raises Invalid: it has no such parts.
    """
    if len(parts) > MAX_SPANS:
        raise Invalid(
            {"redact": [message("At most %(most)s parts of a text can be blacked out.", most=MAX_SPANS)]}
        )
    length = len(comment.text)
    if any(not 0 <= begin < end <= length for begin, end in parts):
        raise Invalid(
            {
                "redact": [
                    message(
                        "A part goes from one character to a later one; this text has %(length)s.",
                        length=length,
                    )
                ]
            }
        )
    return merged(parts)
