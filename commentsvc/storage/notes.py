"""What moderators noted about comments."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict

from sqlalchemy import bindparam, delete, func, select

from commentsvc.model import LatestNotes, Note
from commentsvc.records import NewNote
from commentsvc.storage.repository import Repository
from commentsvc.storage.tables import CommentRow, NoteRow

_OF_COMMENT = NoteRow.comment_id == bindparam("comment")
_NOTES = (
    select(NoteRow.id, NoteRow.public_id, NoteRow.at, NoteRow.by, NoteRow.by_name, NoteRow.text)
    .where(_OF_COMMENT)
    .order_by(NoteRow.id)
)
_LATEST = (
    select(NoteRow.public_id, NoteRow.at, NoteRow.by, NoteRow.by_name, NoteRow.text)
    .where(_OF_COMMENT)
    .order_by(NoteRow.id.desc())
)
_TOTALS = select(
    CommentRow.id,
    CommentRow.public_id,
    select(func.count()).where(NoteRow.comment_id == CommentRow.id).scalar_subquery(),
)
_COUNT = select(func.count()).where(_OF_COMMENT)
_ERASE = delete(NoteRow).where(_OF_COMMENT)


class Notes(Repository):
    """Notes by the comment that they are about."""

    def add(self, note: NewNote) -> None:
        """Store a note."""
        self._insert(NoteRow, **asdict(note))

    def of_comment(self, comment_id: int, after: int | None, limit: int) -> list[tuple[int, Note]]:
        """Notes about the comment in that row, the oldest first, each with its row's number for the cursor."""
        rows = self._rows(_NOTES.where(NoteRow.id > (after or 0)).limit(limit), comment=comment_id)
        return [(row_id, Note(*note)) for row_id, *note in rows]

    def latest(self, public_ids: Collection[str], most: int) -> dict[str, LatestNotes]:
        """The latest notes about each of these comments that has some, at most *most*, by the comments' public ids."""
        found: dict[str, LatestNotes] = {}
        for comment, public_id, total in self._connection.execute(
            _TOTALS.where(CommentRow.public_id.in_(public_ids))
        ).all():
            if total:  # few have any, so that a statement for each costs little
                rows = self._rows(_LATEST.limit(most), comment=comment)
                found[public_id] = LatestNotes([Note(*note) for note in reversed(rows)], total - len(rows))
        return found

    def count(self, comment_id: int) -> int:
        """How many notes there are about the comment in that row."""
        return int(self._rows(_COUNT, comment=comment_id)[0][0])

    def erase(self, comment_id: int) -> None:
        """Erase all notes about the comment in that row."""
        self._run(_ERASE, comment=comment_id)
