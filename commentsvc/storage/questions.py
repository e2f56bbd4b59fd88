"""Mails with a link that is good for a while: whether mail is wanted, and what belongs to an address."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update

from commentsvc.model import QuestionKind
from commentsvc.records import Lookups, Question
from commentsvc.storage.repository import Repository
from commentsvc.storage.tables import QuestionRow

_QUESTIONS = select(*(getattr(QuestionRow, field.name) for field in fields(Question)))


class Questions(Repository):
    """What people were asked by mail, and what they asked."""

    def add(
        self,
        public_id: str,
        kind: QuestionKind,
        recipient: bytes,
        lang: str,
        now: datetime,
        expires_at: datetime,
        comment_id: int | None = None,
    ) -> int:
        """Store one; give its row."""
        added = self._connection.execute(
            QuestionRow.__table__.insert().returning(QuestionRow.id),  # type: ignore[attr-defined]
            {
                "public_id": public_id,
                "kind": kind,
                "recipient": recipient,
                "comment_id": comment_id,
                "lang": lang,
                "created_at": now,
                "expires_at": expires_at,
            },
        )
        return int(added.scalar_one())

    def by_id(self, row_id: int) -> Question | None:
        """The one in that row."""
        return self._one(QuestionRow.id == row_id)

    def by_public_id(self, public_id: str) -> Question | None:
        """The one of that id, whether it is still good or not."""
        return self._one(QuestionRow.public_id == public_id)

    def count(self, lookups: Lookups, since: datetime) -> int:
        """How many went to an address since then."""
        theirs = QuestionRow.recipient.in_(lookups), QuestionRow.created_at > since
        rows = select(func.count()).where(*theirs, QuestionRow.comment_id.is_not(None))
        return int(self._connection.scalar(rows) or 0)

    def change(self, row_id: int, **changes: object) -> None:
        """Set the named columns of one."""
        self._run(update(QuestionRow).where(QuestionRow.id == row_id).values(changes))

    def remove(self, row_id: int) -> None:
        """Remove one that nothing is known to."""
        self._run(delete(QuestionRow).where(QuestionRow.id == row_id))

    def end(self, comment_ids: Collection[int], now: datetime, kind: QuestionKind | None = None) -> None:
        """Let the links be out of date that went to addresses of those comments; those of one kind, or all."""
        of_kind = () if kind is None else (QuestionRow.kind == kind,)
        open_ones = QuestionRow.comment_id.in_(comment_ids), QuestionRow.expires_at > now, *of_kind
        self._run(update(QuestionRow).where(*open_ones).values(expires_at=now))

    def forget(self, lookups: Lookups, until: datetime) -> None:
        """Forget those of one address that were asked until then."""
        theirs = QuestionRow.recipient.in_(lookups), QuestionRow.created_at <= until
        self._connection.execute(delete(QuestionRow).where(*theirs))

    def forget_old(self, before: datetime, limit: int) -> int:
        """Forget up to *limit* that were good until before then at the latest; give how many."""
        old = select(QuestionRow.id).where(QuestionRow.expires_at < before).limit(limit)
        return int(self._connection.execute(delete(QuestionRow).where(QuestionRow.id.in_(old))).rowcount)

    def _one(self, wanted: Any) -> Question | None:
        row = self._first(_QUESTIONS.where(wanted))
        return None if row is None else Question(*row)
