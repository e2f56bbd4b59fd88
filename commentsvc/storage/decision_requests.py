"""Requests to decide that their clients named, so that one sent again is answered as it was."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Integer, bindparam, delete, select, tuple_

from commentsvc.storage.repository import Repository, unless_there
from commentsvc.storage.tables import DecisionRequestRow

_KEY = (DecisionRequestRow.person, DecisionRequestRow.client_id)
_FIND = select(DecisionRequestRow.digest, DecisionRequestRow.answer).where(
    DecisionRequestRow.person == bindparam("whose"), DecisionRequestRow.client_id == bindparam("named")
)
_REMEMBER = unless_there(DecisionRequestRow, DecisionRequestRow.client_id)
_OLD = (
    select(*_KEY)
    .where(DecisionRequestRow.created_at < bindparam("before"))
    .limit(bindparam("most", type_=Integer))
)
_SWEEP = delete(DecisionRequestRow).where(tuple_(*_KEY).in_(_OLD)).returning(DecisionRequestRow.client_id)


class DecisionRequests(Repository):
    """Requests to decide, by person and the id that the client gave each."""

    def find(self, person: str, client_id: str) -> tuple[bytes, dict[str, Any]] | None:
        """What was asked under that id, as a digest, and the answer; None if nothing was."""
        row = self._first(_FIND, whose=person, named=client_id)
        return None if row is None else (bytes(row[0]), row[1])

    def remember(
        self, person: str, client_id: str, digest: bytes, answer: dict[str, Any], now: datetime
    ) -> bool:
        """Store an answer; False where another request has used that id in the meantime."""
        columns = {"person": person, "client_id": client_id, "digest": digest}
        return self._first(self._for(_REMEMBER), **columns, answer=answer, created_at=now) is not None

    def sweep(self, before: datetime, limit: int) -> int:
        """Forget what was asked before that, *limit* at most; give how many."""
        return len(self._rows(_SWEEP, before=before, most=limit))
