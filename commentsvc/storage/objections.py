"""What authors are told of decisions, and what they say against them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, select, update

from commentsvc.model import Outcome
from commentsvc.records import StoredObjection
from commentsvc.storage.repository import Repository
from commentsvc.storage.tables import CommentRow, ObjectionRow, StatementRow
from commentsvc.storage.tables.types import UtcDateTime

_OF_COMMENT = ObjectionRow.comment_id == bindparam("comment")
_OBJECTIONS = select(*(getattr(ObjectionRow, field.name) for field in fields(StoredObjection)))
_LATEST = _OBJECTIONS.where(_OF_COMMENT).order_by(ObjectionRow.id.desc()).limit(1)
_ALL = _OBJECTIONS.where(_OF_COMMENT).order_by(ObjectionRow.id)
_ANSWER = (
    update(ObjectionRow)
    .where(_OF_COMMENT, ObjectionRow.answered_at.is_(None))
    .values(answered_at=bindparam("now"), answer=bindparam("words"), granted=bindparam("grant"))
)
_REOPEN = (
    update(ObjectionRow)
    .where(_OF_COMMENT, ObjectionRow.answered_at == bindparam("at", type_=UtcDateTime))
    .values(answered_at=None, answer=None, granted=False)
)
_REPLACE = update(ObjectionRow).where(ObjectionRow.id == bindparam("number")).values(text=bindparam("words"))
_ERASE = delete(ObjectionRow).where(_OF_COMMENT)
_TOLD = select(StatementRow.outcome, StatementRow.facts).where(StatementRow.decision == bindparam("line"))


class Objections(Repository):
    """Objections of authors. Those of a comment are changed while its thread is locked."""

    def add(self, comment_id: int, decision: str, text: str, now: datetime) -> None:
        """Store an objection against the decision of that id."""
        self._insert(
            ObjectionRow, comment_id=comment_id, decision=decision, text=text, created_at=now, granted=False
        )

    def replace(self, row_id: int, text: str) -> None:
        """Give an objection other words."""
        self._run(_REPLACE, number=row_id, words=text)

    def latest(self, comment_id: int) -> StoredObjection | None:
        """The last objection of the comment's author."""
        row = self._first(_LATEST, comment=comment_id)
        return None if row is None else StoredObjection(*row)

    def of_comment(self, comment_id: int) -> list[StoredObjection]:
        """All of them, oldest first."""
        return [StoredObjection(*row) for row in self._rows(_ALL, comment=comment_id)]

    def open_of(self, comments: Sequence[str]) -> list[tuple[str, StoredObjection]]:
        """Objections that nobody answered to decisions against the comments of those public ids, each with that id."""
        rows = (
            _OBJECTIONS.add_columns(CommentRow.public_id.label("comment"))
            .join(CommentRow, ObjectionRow.comment_id == CommentRow.id)
            .where(CommentRow.public_id.in_(comments), ObjectionRow.answered_at.is_(None))
        )
        return [(row.comment, StoredObjection(*row[:-1])) for row in self._rows(rows)]

    def answer(self, comment_id: int, words: str | None, now: datetime, *, granted: bool) -> None:
        """Somebody looked at it again, and decided."""
        self._run(_ANSWER, comment=comment_id, words=words, now=now, grant=granted)

    def reopen(self, comment_id: int, at: datetime) -> None:
        """The decision of that time, which answered them, is undone."""
        self._run(_REOPEN, comment=comment_id, at=at)

    def erase(self, comment_id: int) -> None:
        """Forget them."""
        self._run(_ERASE, comment=comment_id)


class Statements(Repository):
    """What an author may be told of a decision that a program made; see `StatementRow`."""

    def add(self, decision: str, outcome: Outcome, facts: Sequence[Mapping[str, Any]]) -> None:
        """Store what may be told of the decision of that id."""
        self._insert(StatementRow, decision=decision, outcome=outcome, facts=list(facts))

    def find(self, decision: str) -> tuple[Outcome, list[dict[str, Any]]] | None:
        """The outcome and the facts; None where nothing may be told."""
        row = self._first(_TOLD, line=decision)
        return None if row is None else (row[0], row[1])
