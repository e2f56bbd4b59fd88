"""All that is stored of a site, a part at a time, in the order in which an export has it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import BindParameter, Integer, Select, and_, bindparam, exists, or_, select

from commentsvc.records import (
    ExportedComment,
    ExportedNote,
    ExportedObjection,
    ExportedReport,
    ExportedThread,
)
from commentsvc.storage.any_of import AnyOf
from commentsvc.storage.persons import ANONYMOUS
from commentsvc.storage.repository import Repository
from commentsvc.storage.tables import (
    AddressRow,
    AuditRow,
    CommentRow,
    DecisionRow,
    ErasureRow,
    NoteRow,
    ObjectionRow,
    ReportRow,
    ThreadRow,
)
from commentsvc.storage.tables.types import UtcDateTime
from commentsvc.storage.threads import CLAIM_STANDS

COMMENT_MARKED = "comment-marked"  # the kind of entry that tells of it in the audit log
_PARENT = CommentRow.__table__.alias("parent")
_MOST: BindParameter[int] = bindparam("most", type_=Integer)
_AMONG_THREADS: BindParameter[Any] = bindparam("threads", expanding=True)
_AMONG_COMMENTS: BindParameter[Any] = bindparam("comments", expanding=True)
_SINCE: BindParameter[datetime] = bindparam("since", type_=UtcDateTime())

_THREADS = (
    select(
        *(
            CLAIM_STANDS.label(name) if name == "claim_stands" else getattr(ThreadRow, name)
            for name in ExportedThread._fields
        )
    )
    .where(
        ThreadRow.site_id == bindparam("site"),
        ThreadRow.article > bindparam("after"),
        ThreadRow.moved_to.is_(None),
    )
    .order_by(ThreadRow.article)
    .limit(_MOST)
)
_ARTICLES = select(ThreadRow.article).where(ThreadRow.site_id == bindparam("site"))
_ALIASES = (
    select(ThreadRow.moved_to, ThreadRow.article)
    .where(ThreadRow.moved_to.in_(_AMONG_THREADS))
    .order_by(ThreadRow.article)
)
_ELSEWHERE: dict[str, Any] = {"parent": _PARENT.c.public_id, "sealed": AddressRow.sealed}
_COMMENTS: Select[Any] = (
    select(
        *(
            _ELSEWHERE[name] if name in _ELSEWHERE else getattr(CommentRow, name)
            for name in ExportedComment._fields
        )
    )
    .outerjoin(_PARENT, CommentRow.parent_id == _PARENT.c.id)
    .outerjoin(AddressRow, AddressRow.comment_id == CommentRow.id)
    .where(CommentRow.thread_id.in_(_AMONG_THREADS), CommentRow.seq > bindparam("after"))
    .order_by(CommentRow.thread_id, CommentRow.seq)
    .limit(_MOST)
)
_MARKED = select(AuditRow.what).where(AuditRow.kind == COMMENT_MARKED, AuditRow.at >= _SINCE)


# Nothing says of whom an erasure left the texts: all such texts go along, once there was one since.
_LEFT_AS_A_TEXT = and_(
    CommentRow.author_name == ANONYMOUS,
    exists().where(
        ErasureRow.keep_text, or_(ErasureRow.finished_at.is_(None), ErasureRow.finished_at >= _SINCE)
    ),
    ~exists().where(AddressRow.comment_id == CommentRow.id),
)


def _with_those_above() -> Select[Any]:
    """The row numbers of the comments that changed, and of those that they answer, up to the first."""
    wanted = (
        select(CommentRow.id, CommentRow.parent_id)
        .where(
            CommentRow.thread_id.in_(_AMONG_THREADS),
            or_(
                CommentRow.posted_at >= _SINCE,
                CommentRow.edited_at >= _SINCE,
                CommentRow.erased_at >= _SINCE,
                exists().where(DecisionRow.comment == CommentRow.public_id, DecisionRow.decided_at >= _SINCE),
                AnyOf(CommentRow.public_id, "marked"),
                _LEFT_AS_A_TEXT,
            ),
        )
        .cte("wanted", recursive=True)
    )
    above = CommentRow.__table__.alias("above")
    wanted = wanted.union(select(above.c.id, above.c.parent_id).where(above.c.id == wanted.c.parent_id))
    return select(wanted.c.id)


_COMMENTS_SINCE = _COMMENTS.where(CommentRow.id.in_(_with_those_above()))
_Row = TypeVar("_Row", ExportedNote, ExportedReport, ExportedObjection)


def _hanging_on_comments(table: Any, kind: type[_Row]) -> Select[Any]:
    return (
        select(*(getattr(table, name) for name in kind._fields))
        .where(table.comment_id.in_(_AMONG_COMMENTS))
        .order_by(table.comment_id, table.id)
    )


_NOTES = _hanging_on_comments(NoteRow, ExportedNote)
_REPORTS = _hanging_on_comments(ReportRow, ExportedReport)
_OBJECTIONS = _hanging_on_comments(ObjectionRow, ExportedObjection)


class Exporting(Repository):
    """What an export reads."""

    def threads(self, site_id: int, after: str, limit: int) -> list[ExportedThread]:
        """Threads of that site by article ID, from behind *after* on; other names of them are none."""
        return [
            ExportedThread._make(row) for row in self._rows(_THREADS, site=site_id, after=after, most=limit)
        ]

    def articles(self, site_id: int) -> set[str]:
        """All article IDs of that site, other names of threads too."""
        return {article for (article,) in self._rows(_ARTICLES, site=site_id)}

    def aliases(self, threads: Sequence[int]) -> dict[int, list[str]]:
        """The other article IDs of those threads, in order, by the numbers of the threads' rows."""
        names: dict[int, list[str]] = defaultdict(list)
        for thread, article in self._rows(_ALIASES, threads=threads):
            names[thread].append(article)
        return names

    def comments(
        self,
        threads: Sequence[int],
        after: int,
        limit: int,
        since: datetime | None,
        marked: Iterable[str] = (),
    ) -> list[ExportedComment]:
        """Comments of those threads with numbers above *after*, thread by thread, as they were posted.

        :param since: only those that were posted, changed or decided about from then on, and those above them.
        :param marked: more that changed, see `marked_since`.
        """
        if since is None:
            rows = self._rows(_COMMENTS, threads=threads, after=after, most=limit)
        else:
            rows = self._rows(
                _COMMENTS_SINCE, threads=threads, after=after, most=limit, since=since, marked=list(marked)
            )
        return [ExportedComment._make(row) for row in rows]

    def marked_since(self, since: datetime) -> list[str]:
        """The public ids of comments that a moderator pinned, locked, blacked out or called the staff's since then."""
        return [what["comment"] for (what,) in self._rows(_MARKED, since=since)]

    def notes(self, comments: Sequence[int]) -> dict[int, list[ExportedNote]]:
        """The notes about those comments, by the numbers of their rows, oldest first."""
        return _by_comment(map(ExportedNote._make, self._rows(_NOTES, comments=comments)))

    def reports(self, comments: Sequence[int]) -> dict[int, list[ExportedReport]]:
        """The reports of those comments, as `notes`."""
        return _by_comment(map(ExportedReport._make, self._rows(_REPORTS, comments=comments)))

    def objections(self, comments: Sequence[int]) -> dict[int, list[ExportedObjection]]:
        """The objections to what was decided about those comments, as `notes`."""
        return _by_comment(map(ExportedObjection._make, self._rows(_OBJECTIONS, comments=comments)))


def _by_comment(rows: Iterable[_Row]) -> dict[int, list[_Row]]:
    found: dict[int, list[_Row]] = defaultdict(list)
    for row in rows:
        found[row.comment_id].append(row)
    return found
