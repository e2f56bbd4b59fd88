"""The audit trail: lines are added and read, never changed."""

from __future__ import annotations

from sqlalchemy import select

from commentsvc.model import AuditEntry
from commentsvc.storage.repository import Repository
from commentsvc.storage.tables import AuditRow


class AuditTrail(Repository):
    """The audit trail; lines are added and read, never changed."""

    def add(self, entry: AuditEntry) -> None:
        """Write one line."""
        self._insert(
            AuditRow,
            public_id=entry.id,
            at=entry.at,
            by=entry.by,
            by_name=entry.by_name,
            kind=entry.kind,
            what=entry.what,
        )

    def latest(self, kind: str | None, before: int | None, limit: int) -> list[tuple[int, AuditEntry]]:
        """Lines, newest first, each with its row's number for the cursor."""
        rows = select(AuditRow).order_by(AuditRow.id.desc()).limit(limit)
        if kind is not None:
            rows = rows.where(AuditRow.kind == kind)
        if before is not None:
            rows = rows.where(AuditRow.id < before)
        return [
            (row.id, AuditEntry(row.public_id, row.at, row.by, row.by_name, row.kind, row.what))
            for row in self._rows(rows)
        ]
