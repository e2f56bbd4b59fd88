"""Who wants to be told of comments by mail, and of which comments they are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Select, bindparam, delete, func, literal_column, select, update
from sqlalchemy.orm import aliased

from commentsvc.model import Notify
from commentsvc.records import Follow, Lookups, Notice
from commentsvc.storage.repository import Repository, unless_there
from commentsvc.storage.tables import AddressRow, CommentRow, FollowRow, NoticeRow

_OF_COMMENT = {"comment": CommentRow.public_id, "author_id": CommentRow.author_id}
_OF_ADDRESS = {"sealed": AddressRow.sealed, "lookup": AddressRow.lookup}
_COLUMNS = [
    (_OF_COMMENT | _OF_ADDRESS).get(field.name) or getattr(FollowRow, field.name) for field in fields(Follow)
]
_FOLLOWS: Select[*tuple[Any, ...]] = (
    select(*_COLUMNS)
    .outerjoin(CommentRow, FollowRow.comment_id == CommentRow.id)
    .outerjoin(AddressRow, FollowRow.comment_id == AddressRow.comment_id)
    .order_by(FollowRow.id)
)
_BY_ADDRESS: Select[*tuple[Any, ...]] = (  # from the address on, so that its index is used
    select(*_COLUMNS)
    .select_from(AddressRow)
    .join(FollowRow, FollowRow.comment_id == AddressRow.comment_id)
    .join(CommentRow, CommentRow.id == AddressRow.comment_id)
)
_NOTICES = select(*(getattr(NoticeRow, field.name) for field in fields(Notice)))
_NOTICE = unless_there(NoticeRow, NoticeRow.id)
_FORGOTTEN = (
    select(NoticeRow.id)
    .where(NoticeRow.forget_at < bindparam("now"))
    .order_by(NoticeRow.forget_at)
    .limit(bindparam("most", type_=Integer))
)


class Follows(Repository):
    """What authors of comments want to be told of, one wish a comment."""

    def add(
        self,
        comment_id: int,
        site_id: int,
        thread_id: int,
        kind: Notify,
        lang: str,
        stop: str,
        now: datetime,
    ) -> None:
        """Note the wish of the author of a comment; *stop* is a secret that nobody has yet."""
        self._insert(
            FollowRow,
            comment_id=comment_id,
            site_id=site_id,
            thread_id=thread_id,
            kind=kind,
            lang=lang,
            stop=stop,
            created_at=now,
        )

    def by_id(self, row_id: int) -> Follow | None:
        """The one in that row."""
        return self._one(FollowRow.id == row_id)

    def of_comment(self, comment_id: int) -> Follow | None:
        """What the author of that comment wants to be told of, if anything."""
        return self._one(FollowRow.comment_id == comment_id)

    def by_stop(self, stop: str) -> Follow | None:
        """The one with that secret."""
        return self._one(FollowRow.stop == stop)

    def of_person(self, person: str) -> list[Follow]:
        """All of one address, the oldest first; those without an address too."""
        return self._all(FollowRow.person == person)

    def of_lookups(self, lookups: Lookups, site_id: int | None = None) -> list[Follow]:
        """All of one address that is there, the oldest first; of one site or of all."""
        of_site = () if site_id is None else (FollowRow.site_id == site_id,)
        rows = self._rows(_BY_ADDRESS.where(AddressRow.lookup.in_(lookups), *of_site))
        return sorted((Follow(*row) for row in rows), key=lambda one: one.id)

    def of_all(self, thread_id: int, after: int, limit: int) -> list[Follow]:
        """Those who want to be told of all new comments of that thread, from behind the row *after* on."""
        wanted = (
            FollowRow.kind == literal_column("'all'"),
            FollowRow.stopped_at.is_(None),
        )  # as its index has it
        rows = _FOLLOWS.where(FollowRow.thread_id == thread_id, *wanted, FollowRow.id > after).limit(limit)
        return [Follow(*row) for row in self._rows(rows)]

    def lock(self, row_ids: Collection[int]) -> None:
        """Let nobody else tell those of anything until this unit of work ends, on PostgreSQL; SQLite has one writer."""
        rows = select(FollowRow.id).where(FollowRow.id.in_(row_ids)).order_by(FollowRow.id)
        self._rows(rows.with_for_update())

    def change(self, row_ids: Collection[int], **changes: object) -> None:
        """Set the named columns of some."""
        if row_ids:
            self._run(update(FollowRow).where(FollowRow.id.in_(row_ids)).values(changes))

    def end(self, comment_ids: Collection[int], now: datetime) -> int:
        """Cut those of comments whose addresses go: what is left are stop links. Give how many there were."""
        gone = {"comment_id": None, "stopped_at": func.coalesce(FollowRow.stopped_at, now)}
        cut = update(FollowRow).where(FollowRow.comment_id.in_(comment_ids)).values(gone)
        return int(self._connection.execute(cut).rowcount)

    def move(self, source: int, target: int) -> None:
        """Let those of the thread in the row *source* be of that in *target*."""
        self._run(update(FollowRow).where(FollowRow.thread_id == source).values(thread_id=target))
        self._run(update(NoticeRow).where(NoticeRow.thread_id == source).values(thread_id=target))

    def _one(self, *wanted: Any) -> Follow | None:
        return next(iter(self._all(*wanted)), None)

    def _all(self, *wanted: Any) -> list[Follow]:
        return [Follow(*row) for row in self._rows(_FOLLOWS.where(*wanted))]


class Notices(Repository):
    """Of which comments people are to be told, or were."""

    def add(
        self, person: str, comment_id: int, thread_id: int, follow_id: int, forget_at: datetime
    ) -> int | None:
        """Note that somebody is to be told of a comment; give the row, or None where it was noted before.

        :param forget_at: when nobody can be told of it again any more, so that the row may go.
        """
        row = self._first(
            self._for(_NOTICE),
            person=person,
            comment_id=comment_id,
            thread_id=thread_id,
            follow_id=follow_id,
            until=None,
            batch=None,
            forget_at=forget_at,
        )
        return None if row is None else int(row.id)

    def take_over(self, person: str, comment_id: int, follow_id: int) -> int | None:
        """Let a notice that waits until another follow is confirmed be of this one; give the row, if there is any."""
        unconfirmed = select(FollowRow.id).where(FollowRow.person == person, FollowRow.confirmed_at.is_(None))
        row = self._first(
            update(NoticeRow)
            .where(
                NoticeRow.person == person,
                NoticeRow.comment_id == comment_id,
                NoticeRow.until.is_(None),
                NoticeRow.batch.is_(None),
                NoticeRow.follow_id.in_(unconfirmed),
            )
            .values(follow_id=follow_id)
            .returning(NoticeRow.id)
        )
        return None if row is None else int(row.id)

    def open_one(self, person: str, thread_id: int, now: datetime) -> Notice | None:
        """The latest that was told of by itself, if what follows is still gathered."""
        rows = _NOTICES.where(
            NoticeRow.person == person, NoticeRow.thread_id == thread_id, NoticeRow.until > now
        )
        latest = rows.order_by(NoticeRow.until.desc()).limit(1)
        return next((Notice(*row) for row in self._rows(latest)), None)

    def by_id(self, row_id: int) -> Notice | None:
        """The one in that row."""
        return next((Notice(*row) for row in self._rows(_NOTICES.where(NoticeRow.id == row_id))), None)

    def of_batch(self, batch: int) -> list[Notice]:
        """Those that are told of together, the oldest first."""
        return _in_order(self._rows(_NOTICES.where(NoticeRow.batch == batch)))

    def unconfirmed(self, follow_ids: Collection[int]) -> list[Notice]:
        """Those that wait until one of these follows is confirmed, the oldest first."""
        waiting = NoticeRow.until.is_(None), NoticeRow.batch.is_(None)
        return _in_order(self._rows(_NOTICES.where(NoticeRow.follow_id.in_(follow_ids), *waiting)))

    def change(self, row_ids: Sequence[int], **changes: object) -> None:
        """Set the named columns of some."""
        self._run(update(NoticeRow).where(NoticeRow.id.in_(row_ids)).values(changes))

    def remove(self, row_id: int) -> None:
        """Forget that somebody was to be told, as they were not."""
        self._run(delete(NoticeRow).where(NoticeRow.id == row_id))

    def release(self, comment_id: int, now: datetime) -> None:
        """Forget who was to be told of a comment in a mail for which is still gathered: it may become news again."""
        first = aliased(NoticeRow)
        is_gathered = select(first.id).where(first.id == NoticeRow.batch, first.until > now).exists()
        self._run(delete(NoticeRow).where(NoticeRow.comment_id == comment_id, is_gathered))

    def forget(self, comment_ids: Collection[int]) -> None:
        """Forget who was told of comments that are erased, which nobody is told of any more."""
        self._run(delete(NoticeRow).where(NoticeRow.comment_id.in_(comment_ids)))

    def sweep(self, now: datetime, limit: int) -> int:
        """Forget who was told of what nobody can be told of again, *limit* at most; give how many."""
        swept = delete(NoticeRow).where(NoticeRow.id.in_(_FORGOTTEN)).returning(NoticeRow.id)
        return len(self._rows(swept, now=now, most=limit))


def _in_order(rows: Sequence[Any]) -> list[Notice]:
    return sorted((Notice(*row) for row in rows), key=lambda one: one.id)
