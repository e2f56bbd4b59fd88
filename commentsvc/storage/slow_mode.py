"""Who posted a short while ago where slow mode is on, by keyed hashes; looked for under the lock of the thread."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, bindparam, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from commentsvc.storage.repository import Repository
from commentsvc.storage.tables import SlowModePostRow


def _note(insert: Any) -> Any:
    return insert.on_conflict_do_update(
        index_elements=[SlowModePostRow.digest], set_={"expires_at": insert.excluded.expires_at}
    )


_NOTE = {
    "sqlite": _note(sqlite.insert(SlowModePostRow)),
    "postgresql": _note(postgresql.insert(SlowModePostRow)),
}
_ENDED = (
    select(SlowModePostRow.digest)
    .where(SlowModePostRow.expires_at <= bindparam("now"))
    .limit(bindparam("most", type_=Integer))
)
_SWEEP = delete(SlowModePostRow).where(SlowModePostRow.digest.in_(_ENDED)).returning(SlowModePostRow.digest)


class SlowModePosts(Repository):
    """Who posted a short while ago."""

    def until(self, digests: Sequence[bytes]) -> datetime | None:
        """Until when the last of them has to wait; None where none ever had to."""
        last = select(func.max(SlowModePostRow.expires_at)).where(SlowModePostRow.digest.in_(digests))
        return self._connection.scalar(last)

    def note(self, digests: Iterable[bytes], until: datetime) -> None:
        """Let them wait until then."""
        rows = [{"digest": digest, "expires_at": until} for digest in sorted(digests)]
        self._connection.execute(self._for(_NOTE), rows)

    def sweep(self, now: datetime, limit: int) -> int:
        """Forget those who may post again, *limit* at most; give how many."""
        return len(self._rows(_SWEEP, now=now, most=limit))
