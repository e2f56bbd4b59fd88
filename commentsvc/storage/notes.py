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
        """The latest notes about each of these comments, at most *most*, by the comments' public ids."""
        numbered = (
            select(
                CommentRow.public_id.label("comment"),
                NoteRow,
                func.row_number()
                .over(partition_by=NoteRow.comment_id, order_by=NoteRow.id.desc())
                .label("nth"),
                func.count().over(partition_by=NoteRow.comment_id).label("total"),
            )
            .join(CommentRow, CommentRow.id == NoteRow.comment_id)
            .where(CommentRow.public_id.in_(public_ids))
            .subquery()
        )
        rows = select(numbered).where(numbered.c.nth <= most).order_by(numbered.c.id)
        found: dict[str, list[Note]] = {}
        totals: dict[str, int] = {}
        for row in self._connection.execute(rows):
            found.setdefault(row.comment, []).append(
                Note(row.public_id, row.at, row.by, row.by_name, row.text)
            )
            totals[row.comment] = row.total
        return {one: LatestNotes(notes, totals[one] - len(notes)) for one, notes in found.items()}

    def count(self, comment_id: int) -> int:
        """How many notes there are about the comment in that row."""
        return int(self._rows(_COUNT, comment=comment_id)[0][0])

    def erase(self, comment_id: int) -> None:
        """Erase all notes about the comment in that row."""
        self._run(_ERASE, comment=comment_id)
