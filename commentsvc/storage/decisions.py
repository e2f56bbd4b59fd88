"""Decisions about comments: the part of the audit log that their moderators read."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from commentsvc.model import Actor, Decision, RandomBytes
from commentsvc.records import NewDecision, StoredDecision
from commentsvc.storage.chain import Chain
from commentsvc.storage.repository import Repository
from commentsvc.storage.tables import DecisionRow, SiteRow

ID_BYTES = 12
_LINE = select(*(getattr(DecisionRow, field.name) for field in fields(StoredDecision)))


class DecisionLog(Repository):
    """The audit log of decisions; lines are added and read, never changed."""

    __slots__ = ("_chain",)

    def __init__(self, connection: Connection, chain: Chain) -> None:
        super().__init__(connection)
        self._chain = chain

    def add(self, decision: NewDecision, random_bytes: RandomBytes, now: datetime) -> str:
        """Write one line; lines are never changed. Give its id."""
        public_id = urlsafe_b64encode(random_bytes(ID_BYTES)).decode()
        self._insert(
            DecisionRow,
            public_id=public_id,
            decided_at=now,
            **{field.name: getattr(decision, field.name) for field in fields(decision)},
        )
        self._chain.will_grow()
        return public_id

    def find(self, public_id: str) -> StoredDecision | None:
        """The line of that id."""
        row = self._first(_LINE.where(DecisionRow.public_id == public_id))
        return None if row is None else StoredDecision(*row)

    def of_comment(self, comment: str) -> list[StoredDecision]:
        """All lines about the comment of that public id, the oldest first."""
        rows = self._rows(_LINE.where(DecisionRow.comment == comment).order_by(DecisionRow.id))
        return [StoredDecision(*row) for row in rows]

    def newest(self) -> int:
        """The row of the newest line; 0 where there is none."""
        return self._connection.scalar(select(func.max(DecisionRow.id))) or 0

    def decided_since(self, comments: Sequence[str], after: int) -> set[str]:
        """Those of the comments of these public ids about which there is a line behind the row *after*."""
        lines = select(DecisionRow.comment).where(DecisionRow.comment.in_(comments), DecisionRow.id > after)
        return {comment for (comment,) in self._rows(lines)}

    def latest_by(self, comment: str) -> Actor | None:
        """Who decided last about the comment of that public id."""
        rows = select(DecisionRow.by, DecisionRow.by_name).where(DecisionRow.comment == comment)
        row = self._first(rows.order_by(DecisionRow.id.desc()).limit(1))
        return None if row is None else self._actors([row])[row.by]

    def latest(
        self,
        sites: frozenset[int] | None,
        comment: str | None,
        before: int | None,
        limit: int,
    ) -> list[tuple[int, Decision]]:
        """Lines of the log of those sites, newest first, each with its row's number for the cursor."""
        rows: Select[*tuple[Any, ...]] = (
            select(DecisionRow, SiteRow.slug)
            .join(SiteRow, DecisionRow.site_id == SiteRow.id)
            .order_by(DecisionRow.id.desc())
            .limit(limit)
        )
        if sites is not None:
            rows = rows.where(DecisionRow.site_id.in_(sites))
        if comment is not None:
            rows = rows.where(DecisionRow.comment == comment)
        if before is not None:
            rows = rows.where(DecisionRow.id < before)
        return self._decisions(rows)

    def between(
        self, sites: frozenset[int] | None, since: datetime, until: datetime, after: int, limit: int
    ) -> list[tuple[int, Decision]]:
        """Lines of that time, oldest first, from behind the row *after* on, each with its row's number."""
        rows: Select[*tuple[Any, ...]] = (
            select(DecisionRow, SiteRow.slug)
            .join(SiteRow, DecisionRow.site_id == SiteRow.id)
            .where(DecisionRow.id > after, DecisionRow.decided_at >= since, DecisionRow.decided_at < until)
            .order_by(DecisionRow.id)
            .limit(limit)
        )
        return self._decisions(rows if sites is None else rows.where(DecisionRow.site_id.in_(sites)))

    def _decisions(self, lines: Select[*tuple[Any, ...]]) -> list[tuple[int, Decision]]:
        found = self._rows(lines)
        actors = self._actors(found)
        return [
            (
                row.id,
                Decision(
                    id=row.public_id,
                    decided_at=row.decided_at,
                    by=actors[row.by].id,
                    by_name=actors[row.by].name,
                    comment=row.comment,
                    site=row.slug,
                    article=row.article,
                    action=row.action,
                    from_=row.from_state,
                    to=row.to_state,
                    reason=row.reason,
                    hash=row.hash,
                ),
            )
            for row in found
        ]

    def _actors(self, rows: Sequence[Any]) -> dict[str, Actor]:
        """Who decided, by how the lines name them: an older program wrote an address, and no name."""
        actors = {row.by: Actor(row.by, row.by_name) for row in rows if row.by_name is not None}
        older = {row.by for row in rows if row.by_name is None}
        return actors | {by: Actor(*who) for by, who in self._chain.named(older).items() if by in older}
