"""Moderators' notes about comments, for each other."""

from __future__ import annotations

from commentsvc.access.permissions import require
from commentsvc.actions.moderate import cursor_of, position_of
from commentsvc.errors import Invalid, NotFound
from commentsvc.ids import fresh_id
from commentsvc.model import Moderator, Note, Permission
from commentsvc.moderation import unseen
from commentsvc.records import NewNote, StoredComment
from commentsvc.service import Service
from commentsvc.storage.retries import retried
from commentsvc.storage.unit_of_work import UnitOfWork
from commentsvc.unicode_text import has_surrogate, is_visible

LONGEST_NOTE = 2000  # characters
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


@retried
def add_note(service: Service, moderator: Moderator, comment: str, text: str) -> Note:
    """Add a note to a comment.

    :raises Forbidden: this one may only read.
    :raises NotFound: no such id among this moderator's sites.
    :raises Invalid: the note is too long or shows nothing, or there are as many as may be.
    """
    require(moderator, Permission.DECIDE)
    text = text.strip()
    if not any(map(is_visible, text)) or len(text) > LONGEST_NOTE or has_surrogate(text):
        raise Invalid({"text": [f"A note is a text of at most {LONGEST_NOTE} characters."]})
    at, by = service.now().replace(microsecond=0), moderator.actor
    with service.unit_of_work() as work:
        about = _visible(work, moderator, comment)
        work.threads.lock(about.thread_id)  # else a note could come to a comment that is erased just now
        about = _visible(work, moderator, comment)
        if work.notes.count(about.id) >= MOST_NOTES:
            raise Invalid({"text": [f"A comment has at most {MOST_NOTES} notes."]})
        note = Note(fresh_id(), at, by.id, by.name, text)
        work.notes.add(NewNote(note.id, about.id, at, by.id, by.name, text))
    return note


def _visible(work: UnitOfWork, moderator: Moderator, public_id: str) -> StoredComment:
    comment = work.comments.by_public_id(public_id)
    if comment is None or not moderator.may_see(comment.site_id):
        raise NotFound("No comment of your sites has that id.")
    return comment
