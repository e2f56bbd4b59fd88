"""Imports, and what each of them brought."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from commentsvc.records import ImportedThread, StoredImport
from commentsvc.storage.any_of import AnyOf
from commentsvc.storage.repository import Repository, unless_there
from commentsvc.storage.tables import (
    Base,
    CommentRow,
    ForeignIdRow,
    ImportedThreadRow,
    ImportRow,
    SiteRow,
)

AT_ONCE = 500  # digests of one query
_FOREIGN_ID = Base.metadata.tables[ForeignIdRow.__tablename__]
_IMPORT = (
    ImportRow.id,
    SiteRow.slug,
    ImportRow.format,
    ImportRow.file,
    ImportRow.started_at,
    ImportRow.finished_at,
    ImportRow.undone_at,
    ImportRow.counts,
)
_IMPORTS = select(*_IMPORT).join(SiteRow, ImportRow.site_id == SiteRow.id).order_by(ImportRow.id)
_ADD_THREAD = unless_there(ImportedThreadRow)
_LAST_OF_THREAD = (
    select(CommentRow.posted_at)
    .where(CommentRow.thread_id == bindparam("thread"))
    .order_by(CommentRow.seq.desc())
    .limit(1)
)

_ROWS_AT = select(CommentRow.path, CommentRow.id).where(
    CommentRow.thread_id == bindparam("thread"), AnyOf(CommentRow.path, "places")
)


class Imports(Repository):
    """Imports, and what each of them brought."""

    def begin(self, site_id: int, format_name: str, file: str, now: datetime) -> int:
        """Take note of an import that begins; give its number."""
        row = insert(ImportRow).values(site_id=site_id, format=format_name, file=file, started_at=now)
        return int(self._connection.execute(row.returning(ImportRow.id)).scalar_one())

    def finish(self, number: int, counts: Mapping[str, Any], now: datetime) -> None:
        """Store what came of an import."""
        self._set(number, finished_at=now, counts=dict(counts))

    def mark_undone(self, number: int, now: datetime) -> None:
        """Take note that an import was undone."""
        self._set(number, undone_at=now)

    def _set(self, number: int, **values: object) -> None:
        self._connection.execute(update(ImportRow).where(ImportRow.id == number).values(**values))

    def all(self) -> list[StoredImport]:
        """All imports, in the order in which they began."""
        return [StoredImport._make(row) for row in self._rows(_IMPORTS)]

    def one(self, number: int) -> StoredImport | None:
        """The import of that number."""
        row = self._first(_IMPORTS.where(ImportRow.id == bindparam("number")), number=number)
        return None if row is None else StoredImport._make(row)

    def there_already(self, site_id: int, digests: Sequence[bytes]) -> dict[bytes, int]:
        """The rows of the comments that came under *digests*, by those that did."""
        found: dict[bytes, int] = {}
        for start in range(0, len(digests), AT_ONCE):
            rows = select(ForeignIdRow.digest, ForeignIdRow.comment_id).where(
                ForeignIdRow.site_id == site_id, ForeignIdRow.digest.in_(digests[start : start + AT_ONCE])
            )
            found.update((bytes(digest), row) for digest, row in self._connection.execute(rows))
        return found

    def remember(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Store which comments came under which digests: rows of the table `foreign_id`."""
        self._connection.execute(insert(_FOREIGN_ID), rows)

    def remember_thread(self, number: int, thread: ImportedThread) -> None:
        """Store that an import made a thread, or what the columns held that it set."""
        row = {"thread_id": thread.thread_id, "created": thread.created, "before": dict(thread.before)}
        self._connection.execute(self._for(_ADD_THREAD), {"import_id": number} | row)

    def last_posted(self, thread_id: int) -> datetime | None:
        """When the comment was posted that stands last in a thread."""
        row = self._first(_LAST_OF_THREAD, thread=thread_id)
        return None if row is None else row[0]

    def paths(self, comments: Iterable[int]) -> dict[int, str]:
        """Where the comments in those rows stand."""
        rows = list(comments)
        found: dict[int, str] = {}
        for start in range(0, len(rows), AT_ONCE):
            places = select(CommentRow.id, CommentRow.path).where(
                CommentRow.id.in_(rows[start : start + AT_ONCE])
            )
            found.update(self._connection.execute(places).tuples())
        return found

    def rows_at(self, thread_id: int, paths: Iterable[str]) -> dict[str, int]:
        """The rows of the comments that stand at those places of a thread."""
        rows = self._connection.execute(_ROWS_AT, {"thread": thread_id, "places": list(paths)}).tuples()
        return dict(rows)
