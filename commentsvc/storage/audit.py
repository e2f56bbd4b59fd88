"""The audit log apart from decisions: lines are added, and read in the order of the chain, never changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from commentsvc.storage.chain import Chain
from commentsvc.storage.repository import Repository
from commentsvc.storage.tables import AuditRow

_OF_KIND = select(AuditRow.id).limit(1)


class AuditTrail(Repository):
    """What was done about people, tokens, sites, blocks, rules and threads."""

    __slots__ = ("_chain",)

    def __init__(self, connection: Connection, chain: Chain) -> None:
        super().__init__(connection)
        self._chain = chain

    def add(
        self, public_id: str, at: datetime, by: str, by_name: str, kind: str, what: dict[str, Any]
    ) -> None:
        """Write one line."""
        self._insert(AuditRow, public_id=public_id, at=at, by=by, by_name=by_name, kind=kind, what=what)
        self._chain.will_grow()

    def has(self, kind: str) -> bool:
        """Whether there is a line of that kind."""
        return self._first(_OF_KIND.where(AuditRow.kind == kind)) is not None
