"""Moderators' notes about comments, for each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from commentsvc.access.permissions import require
from commentsvc.actions.moderate import cursor_of, position_of
from commentsvc.errors import Invalid, NotFound
from commentsvc.ids import fresh_id
from commentsvc.messages import message
from commentsvc.model import LatestNotes, Moderator, Note, Permission
from commentsvc.moderation import unseen
from commentsvc.records import NewNote, StoredComment
from commentsvc.service import Service
from commentsvc.storage.retries import retried
from commentsvc.storage.unit_of_work import UnitOfWork
from commentsvc.unicode_text import has_surrogate, is_visible

LONGEST_NOTE = 2000  # characters
REPEATED_WITHIN = timedelta(minutes=10)
MOST_NOTES = 1000  # about one comment: a person stops long before


def list_notes(
    service: Service, work: UnitOfWork, moderator: Moderator, comment: str, limit: int, cursor: str | None
) -> tuple[list[Note], str | None]:
    """Give a page of the notes about a comment, the oldest first, and the cursor of the next.

    :raises NotFound: no such id among this moderator's sites.
    :raises Invalid: the cursor does not belong to this list.
    """
    about, listing = _visible(work, moderator, comment), f"notes {comment}"
    rows = work.notes.of_comment(about.id, position_of(service, cursor, listing), limit + 1)
    page = rows[:limit]
    following = cursor_of(service, page[-1][0], listing) if len(rows) > limit else None
    return [unseen.note_for(moderator, note) for _, note in page], following


def latest_notes(
    work: UnitOfWork, moderator: Moderator, comments: Sequence[str], most: int
) -> dict[str, LatestNotes]:
    """Give the latest notes, at most *most*, about each of these comments, all of which this moderator sees."""
    return {
        comment: replace(latest, notes=[unseen.note_for(moderator, note) for note in latest.notes])
        for comment, latest in work.notes.latest(comments, most).items()
    }


@retried
def add_note(service: Service, moderator: Moderator, comment: str, text: str) -> Note:
    """Add a note to a comment; what one noted there last, sent again within ten minutes, is no other note.

    :raises Forbidden: this one may only read.
    :raises NotFound: no such id among this moderator's sites.
    :raises Invalid: the note is too long or shows nothing, or there are as many as may be.
    """
    require(moderator, Permission.DECIDE)
    text = text.strip()
    if not any(map(is_visible, text)) or len(text) > LONGEST_NOTE or "\0" in text or has_surrogate(text):
        raise Invalid({"text": [message("A note has at most %(most)s characters.", most=LONGEST_NOTE)]})
    at, by = service.now().replace(microsecond=0), moderator.actor
    with service.unit_of_work() as work:
        about = _visible(work, moderator, comment)
        work.threads.lock(about.thread_id)  # else a note could come to a comment that is erased just now
        about = _visible(work, moderator, comment)
        if earlier := _sent_before(work, comment, at, by.id, text):
            return earlier
        if work.notes.count(about.id) >= MOST_NOTES:
            raise Invalid({"text": [message("A comment has at most %(most)s notes.", most=MOST_NOTES)]})
        note = Note(fresh_id(), at, by.id, by.name, text)
        work.notes.add(NewNote(note.id, about.id, at, by.id, by.name, text))
    return note


def _sent_before(work: UnitOfWork, comment: str, at: datetime, by: str, text: str) -> Note | None:
    """The last note about a comment, if it is this one: a button was pressed twice, or an answer was lost."""
    for note in work.notes.latest([comment], 1).get(comment, LatestNotes()).notes:
        if (note.by, note.text) == (by, text) and note.at > at - REPEATED_WITHIN:
            return note
    return None


def _visible(work: UnitOfWork, moderator: Moderator, public_id: str) -> StoredComment:
    comment = work.comments.by_public_id(public_id)
    if comment is None or not moderator.may_see(comment.site_id):
        raise NotFound(message("There is no such comment any more."))
    return comment
