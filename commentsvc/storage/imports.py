"""Imports, and what each of them brought."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, delete, exists, func, insert, not_, or_, select, true, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from commentsvc.records import ImportedRow, ImportedThread, StoredImport
from commentsvc.storage.any_of import AnyOf
from commentsvc.storage.repository import Repository, in_many_rows, unless_there
from commentsvc.storage.tables import (
    AddressRow,
    Base,
    CommentRow,
    DecisionRow,
    ForeignIdRow,
    ImportedThreadRow,
    ImportRow,
    NoteRow,
    ObjectionRow,
    ReportRow,
    SiteRow,
    ThreadRow,
)

AT_ONCE = 500  # digests of one query
_FOREIGN_ID = Base.metadata.tables[ForeignIdRow.__tablename__]
_REMEMBER = in_many_rows(insert(_FOREIGN_ID), _FOREIGN_ID.c.comment_id)
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

_OWN_FORMAT = (
    ImportRow.format == "commentsvc"
)  # which brings in edited and marked ones, and what hangs on them
_UNTOUCHED = and_(
    or_(
        CommentRow.revision == 1,
        and_(_OWN_FORMAT, func.coalesce(CommentRow.edited_at <= ImportRow.started_at, true())),
    ),
    or_(CommentRow.redactions.is_(None), _OWN_FORMAT),
    or_(not_(CommentRow.staff), _OWN_FORMAT),
    ~exists().where(DecisionRow.comment == CommentRow.public_id),
    ~exists().where(NoteRow.comment_id == CommentRow.id, NoteRow.at > ImportRow.started_at),
    ~exists().where(ReportRow.comment_id == CommentRow.id, ReportRow.created_at > ImportRow.started_at),
    ~exists().where(ObjectionRow.comment_id == CommentRow.id, ObjectionRow.created_at > ImportRow.started_at),
)
_ROWS_AT = select(CommentRow.path, CommentRow.id).where(
    CommentRow.thread_id == bindparam("thread"), AnyOf(CommentRow.path, "places")
)


_ANSWER, _ANSWERED = aliased(ForeignIdRow), aliased(ForeignIdRow)
_THAT_ANSWERS = (
    select(func.max(_ANSWER.import_id))
    .join(ImportRow, ImportRow.id == _ANSWER.import_id)
    .join(CommentRow, CommentRow.id == _ANSWER.comment_id)
    .join(_ANSWERED, _ANSWERED.comment_id == CommentRow.parent_id)
    .where(
        _ANSWER.import_id > bindparam("import_id"),
        _ANSWERED.import_id == bindparam("import_id"),
        ImportRow.undone_at.is_(None),
        CommentRow.erased_at.is_(None),
    )
)


class Imports(Repository):
    """Imports, and what each of them brought."""

    def that_answers(self, import_id: int) -> int | None:
        """The latest import, not taken back, that brought answers to comments of that one."""
        row = self._first(_THAT_ANSWERS, import_id=import_id)
        return None if row is None else row[0]

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

    def remember(self, rows: Sequence[Mapping[str, Any]]) -> bool:
        """Store which comments came under which digests: rows of the table `foreign_id`.

        False where another import has brought one since, so that nothing of this transaction can be stored.
        """
        try:
            self._connection.execute(_REMEMBER, rows)
        except IntegrityError:
            return False
        return True

    def remember_thread(self, number: int, thread: ImportedThread) -> None:
        """Store that an import made a thread, or what the columns held that it set."""
        row = {"thread_id": thread.thread_id, "created": thread.created, "changes": dict(thread.changes)}
        self._connection.execute(self._for(_ADD_THREAD), {"import_id": number} | row)

    def last_posted(self, thread_id: int) -> datetime | None:
        """When the comment was posted that stands last in a thread."""
        row = self._first(_LAST_OF_THREAD, thread=thread_id)
        return None if row is None else row[0]

    def paths(self, thread_id: int, comments: Iterable[int]) -> dict[int, str]:
        """Where the comments in those rows stand, if they are in that thread."""
        rows = list(comments)
        found: dict[int, str] = {}
        for start in range(0, len(rows), AT_ONCE):
            places = select(CommentRow.id, CommentRow.path).where(
                CommentRow.id.in_(rows[start : start + AT_ONCE]), CommentRow.thread_id == thread_id
            )
            found.update(self._connection.execute(places).all())
        return found

    def rows_at(self, thread_id: int, paths: Iterable[str]) -> dict[str, int]:
        """The rows of the comments that stand at those places of a thread."""
        rows = self._connection.execute(_ROWS_AT, {"thread": thread_id, "places": list(paths)}).all()
        return dict(rows)

    def threads_of(self, number: int, after: int, most: int) -> list[int]:
        """The rows of threads where comments of an import are, in order from behind row *after* on."""
        rows = (
            select(CommentRow.thread_id)
            .join(ForeignIdRow, ForeignIdRow.comment_id == CommentRow.id)
            .where(ForeignIdRow.import_id == number, CommentRow.thread_id > after)
            .distinct()
            .order_by(CommentRow.thread_id)
            .limit(most)
        )
        return list(self._connection.scalars(rows))

    def described(self, number: int) -> list[ImportedThread]:
        """The threads that an import made or described."""
        rows = select(
            ImportedThreadRow.thread_id, ImportedThreadRow.created, ImportedThreadRow.changes
        ).where(ImportedThreadRow.import_id == number)
        return [ImportedThread._make(row) for row in self._connection.execute(rows)]

    def brought(self, number: int, thread_id: int, below: int, most: int) -> list[ImportedRow]:
        """Comments of an import in that thread with numbers below *below*, the last first."""
        rows = (
            select(
                CommentRow.id,
                CommentRow.seq,
                CommentRow.path,
                CommentRow.parent_id,
                CommentRow.state,
                CommentRow.erased_at.is_not(None),
                _UNTOUCHED,
            )
            .join(ForeignIdRow, ForeignIdRow.comment_id == CommentRow.id)
            .join(ImportRow, ForeignIdRow.import_id == ImportRow.id)
            .where(
                ForeignIdRow.import_id == number, CommentRow.thread_id == thread_id, CommentRow.seq < below
            )
            .order_by(CommentRow.seq.desc())
            .limit(most)
        )
        return [ImportedRow._make(row) for row in self._connection.execute(rows)]

    def answers(self, comments: Iterable[int]) -> dict[int, int]:
        """How many comments answer those in these rows, whatever became of them; none where it is not named."""
        rows = list(comments)
        found: dict[int, int] = {}
        for start in range(0, len(rows), AT_ONCE):
            counts = select(CommentRow.parent_id, func.count()).where(
                CommentRow.parent_id.in_(rows[start : start + AT_ONCE])
            )
            for parent, count in self._connection.execute(counts.group_by(CommentRow.parent_id)):
                found[parent or 0] = count
        return found

    def delete(self, comments: Sequence[int]) -> None:
        """Delete comments, which nothing answers any more, with their addresses and foreign ids."""
        for start in range(0, len(comments), AT_ONCE):
            some = comments[start : start + AT_ONCE]
            self._connection.execute(delete(AddressRow).where(AddressRow.comment_id.in_(some)))
            self._connection.execute(delete(ForeignIdRow).where(ForeignIdRow.comment_id.in_(some)))
            for hanging in (NoteRow, ReportRow, ObjectionRow):  # which an export of our own brought
                self._connection.execute(delete(hanging).where(hanging.comment_id.in_(some)))
            self._connection.execute(delete(CommentRow).where(CommentRow.id.in_(some)))

    def has_comments(self, thread_id: int) -> bool:
        """Whether there is any comment in that thread, whatever became of it."""
        return self._first(_LAST_OF_THREAD, thread=thread_id) is not None

    def forget_thread(self, number: int, thread_id: int) -> None:
        """Forget that an import made or described a thread."""
        self._connection.execute(
            delete(ImportedThreadRow).where(
                ImportedThreadRow.import_id == number, ImportedThreadRow.thread_id == thread_id
            )
        )

    def delete_aliases(self, thread_id: int, articles: Sequence[str]) -> None:
        """Delete those other names of a thread."""
        if articles:
            self._connection.execute(
                delete(ThreadRow).where(ThreadRow.moved_to == thread_id, ThreadRow.article.in_(articles))
            )

    def delete_thread(self, thread_id: int) -> bool:
        """Delete a thread without comments, unless it is named otherwise or another import speaks of it; give whether."""
        is_named = exists().where(ThreadRow.moved_to == thread_id)
        is_told_of = exists().where(ImportedThreadRow.thread_id == thread_id)
        named = self._connection.scalar(select(or_(is_named, is_told_of)))
        if named:
            return False
        return self._connection.execute(delete(ThreadRow).where(ThreadRow.id == thread_id)).rowcount > 0
