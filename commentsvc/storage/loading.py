"""Many rows at once, for imports and seeds. What they mean, `actions.bulk_insert` knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update

from commentsvc.storage.repository import Repository, in_many_rows, unless_there
from commentsvc.storage.tables import AddressRow, Base, CommentRow, ThreadRow
from commentsvc.storage.threads import milliseconds, next_version

NAMES_A_QUERY = 500  # SQLite takes 32,766 parameters; a few hundred cost it no more than one
CACHE_KIB = 24_000  # authors and addresses land all over their indexes: with SQLite's 2 MB each costs a page from the disk
# The tables themselves: through the classes mapped to them, a row takes three times as long.
_COMMENT = Base.metadata.tables[CommentRow.__tablename__]
_ADDRESS = Base.metadata.tables[AddressRow.__tablename__]
_THREAD = Base.metadata.tables[ThreadRow.__tablename__]
_ADD_THREAD = unless_there(_THREAD)
_ADD = in_many_rows(insert(_COMMENT), _COMMENT.c.id)
_ADD_ADDRESSES = in_many_rows(insert(_ADDRESS), _ADDRESS.c.comment_id)


@dataclass(slots=True)
class OpenThread:
    """A thread under lock: its last number, and what comes to its count."""

    id: int
    last_seq: int
    more: int = 0


class BulkRows(Repository):
    """Many rows at once."""

    def open_threads(self, site_id: int, articles: Iterable[str]) -> dict[str, OpenThread]:
        """Lock the threads of those articles, and make them where there are none."""
        wanted = sorted(set(articles))
        fresh = {"site_id": site_id, "open": True, "count": 0, "last_seq": 0, "version": 0}
        self._connection.execute(self._for(_ADD_THREAD), [fresh | {"article": article} for article in wanted])
        opened: dict[str, OpenThread] = {}
        for start in range(0, len(wanted), NAMES_A_QUERY):
            rows = self._connection.execute(
                select(ThreadRow.article, ThreadRow.id, ThreadRow.last_seq)
                .where(
                    ThreadRow.site_id == site_id, ThreadRow.article.in_(wanted[start : start + NAMES_A_QUERY])
                )
                .order_by(ThreadRow.id)  # as decisions lock them: two never wait for each other
                .with_for_update()
            )
            opened |= {article: OpenThread(thread_id, last_seq) for article, thread_id, last_seq in rows}
        return opened

    def new_ids(self, how_many: int) -> Sequence[int]:
        """Give row numbers for that many comments: a reply must know its parent's before either is there."""
        if self._connection.dialect.name == "sqlite":
            # The transaction holds the lock of the writer: nobody else takes the numbers that follow.
            first = (self._connection.scalar(select(func.max(CommentRow.id))) or 0) + 1
            return range(first, first + how_many)
        sequence = func.pg_get_serial_sequence(CommentRow.__tablename__, CommentRow.id.key)
        return self._connection.scalars(
            select(func.nextval(sequence)).select_from(func.generate_series(1, how_many))
        ).all()

    def add(self, comments: Sequence[Mapping[str, Any]], addresses: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows of the tables `comment` and `address`, each with all its columns."""
        if self._connection.dialect.name == "sqlite":
            self._connection.exec_driver_sql(f"PRAGMA cache_size = -{CACHE_KIB}")
            # What a statement may have to take back: a few MB, and else a file.
            self._connection.exec_driver_sql("PRAGMA temp_store = MEMORY")
        self._connection.execute(_ADD, comments)
        if addresses:
            self._connection.execute(_ADD_ADDRESSES, addresses)

    def add_below(self, more: Mapping[int, int]) -> None:
        """Add public replies to comments that are there already, by row number; any reply shows its place."""
        if more:
            self._connection.execute(
                update(_COMMENT)
                .where(_COMMENT.c.id == bindparam("above"))
                .values(public_below=_COMMENT.c.public_below + bindparam("more"), shown=True),
                [{"above": row, "more": count} for row, count in more.items()],
            )

    def advance(self, threads: Iterable[OpenThread], now: datetime) -> None:
        """Write the last numbers and the counts; where something became public there is a new version."""
        self._connection.execute(
            update(_THREAD)
            .where(_THREAD.c.id == bindparam("thread"))
            .values(
                last_seq=bindparam("last"),
                count=_THREAD.c.count + bindparam("more"),
                version=next_version(bindparam("step")),
            ),
            [
                {
                    "thread": thread.id,
                    "last": thread.last_seq,
                    "more": thread.more,
                    "step": int(thread.more > 0),
                    "at": milliseconds(now) if thread.more else 0,
                }
                for thread in threads
            ],
        )
