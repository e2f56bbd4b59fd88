"""What the public sees: queries that name their columns and never reach an address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, BindParameter, Integer, Select, String, bindparam, select, tuple_

from commentsvc.model import Order, State
from commentsvc.records import Parent, PublicRow, ThreadRef
from commentsvc.storage.prepared import Prepared
from commentsvc.storage.repository import Repository
from commentsvc.storage.tables import CommentRow, SiteRow, ThreadRow

_PARENT = CommentRow.__table__.alias("parent")

_PUBLIC = (
    CommentRow.public_id,
    _PARENT.c.public_id,
    CommentRow.depth,
    CommentRow.state,
    CommentRow.author_name,
    CommentRow.author_url,
    CommentRow.html,
    CommentRow.posted_at,
    CommentRow.edited_at,
    CommentRow.public_below,
    CommentRow.staff,
    CommentRow.redactions.is_not(None),
    CommentRow.root_seq,
    CommentRow.path,
)


Rows = Sequence[Sequence[Any]]


def _public_rows(found: Rows) -> list[PublicRow]:
    return list(map(PublicRow._make, found))


def _with_whereabouts(found: Rows) -> list[tuple[PublicRow, ThreadRef]]:
    width = len(_PUBLIC)
    return [(PublicRow._make(row[:width]), ThreadRef._make(row[width:])) for row in found]


def _public(*more: Any) -> Select[*tuple[Any, ...]]:
    return select(*_PUBLIC, *more).outerjoin(_PARENT, CommentRow.parent_id == _PARENT.c.id)


def _shown() -> Select[*tuple[Any, ...]]:
    of_thread = CommentRow.thread_id == bindparam("thread")
    return _public().where(of_thread, CommentRow.shown).limit(bindparam("most", type_=Integer))


def _placed() -> Select[*tuple[Any, ...]]:
    return (
        _public(SiteRow.slug, ThreadRow.article, ThreadRow.title, ThreadRow.pins, ThreadRow.locks)
        .join(ThreadRow, CommentRow.thread_id == ThreadRow.id)
        .join(SiteRow, ThreadRow.site_id == SiteRow.id)
    )


_OLDEST_FIRST = (CommentRow.root_seq, CommentRow.path)
_NEWEST_FIRST = (CommentRow.root_seq.desc(), CommentRow.path)
_HERE = tuple_(CommentRow.root_seq, CommentRow.path)
_THERE = tuple_(bindparam("root", type_=BigInteger), bindparam("place", type_=String))
_PATH_THERE: BindParameter[str] = bindparam("place", type_=String)
_SAME_ROOT = CommentRow.root_seq == bindparam("root")

_FIRST = {
    Order.OLDEST: Prepared(_shown().order_by(*_OLDEST_FIRST)),
    Order.NEWEST: Prepared(_shown().order_by(*_NEWEST_FIRST)),
}
# Each in two: without the comment at the place itself, and with it.
_AFTER = (
    (_shown().where(_HERE > _THERE).order_by(*_OLDEST_FIRST)),
    (_shown().where(_HERE >= _THERE).order_by(*_OLDEST_FIRST)),
)
_REST_OF_ROOT = (
    (_shown().where(_SAME_ROOT, CommentRow.path > _PATH_THERE).order_by(CommentRow.path)),
    (_shown().where(_SAME_ROOT, CommentRow.path >= _PATH_THERE).order_by(CommentRow.path)),
)
_ROOTS_BETWEEN = {
    order: _shown()
    .where(CommentRow.root_seq > bindparam("low"), CommentRow.root_seq < bindparam("high"))
    .order_by(*columns)
    for order, columns in ((Order.OLDEST, _OLDEST_FIRST), (Order.NEWEST, _NEWEST_FIRST))
}
_OLDER_ROOTS = _shown().where(CommentRow.root_seq < bindparam("root")).order_by(*_NEWEST_FIRST)
_IS_PUBLIC = CommentRow.state == State.APPROVED
_OF_ID = CommentRow.public_id == bindparam("comment")
_OF_THREAD = CommentRow.thread_id == bindparam("thread")
_PUBLIC_ONE = _placed().where(_OF_ID, _IS_PUBLIC)
_OWN_ONE = _placed().where(CommentRow.id == bindparam("comment"))
_NEWEST = (
    _placed()
    .where(
        CommentRow.site_id == bindparam("site"),
        _IS_PUBLIC,
        CommentRow.erased_at.is_(None),  # no approved one is; it says which index will do
    )
    .limit(bindparam("most", type_=Integer))
)
# By time, and not by row: an import brings old comments in new rows.
_NEWEST_OF_SITE = _NEWEST.where(CommentRow.shown).order_by(CommentRow.posted_at.desc(), CommentRow.id.desc())
_NEWEST_OF_THREAD = _NEWEST.where(_OF_THREAD).order_by(CommentRow.seq.desc())
_PLACE_IN = select(CommentRow.root_seq, CommentRow.path).where(_OF_ID, _OF_THREAD)
_PLACE_OF = _PLACE_IN.where(CommentRow.shown)
_PUBLIC_PARENT = select(CommentRow.id, CommentRow.path).where(_OF_ID, _OF_THREAD, _IS_PUBLIC)


class PublicComments(Repository):
    """What the public sees of comments."""

    def page(
        self,
        thread_id: int,
        order: Order,
        limit: int,
        after: tuple[int, str] | None,
        *,
        including: bool = False,
    ) -> list[PublicRow]:
        """The shown comments of a thread that follow *after*, its own included if *including*."""
        if after is None:
            return _public_rows(self._rows(_FIRST[order], thread=thread_id, most=limit))
        place: dict[str, Any] = {"thread": thread_id, "root": after[0], "place": after[1]}
        if order is Order.OLDEST:
            return _public_rows(self._rows(_AFTER[including], **place, most=limit))
        # Two ranges of the index: the rest of this root, then the older roots. As one condition
        # a database would read through all replies of the root to find where the page begins.
        rest = self.rest_of_root(thread_id, after, limit, including=including)
        if len(rest) == limit:
            return rest
        older = self._rows(_OLDER_ROOTS, thread=thread_id, root=after[0], most=limit - len(rest))
        return rest + _public_rows(older)

    def one(self, public_id: str) -> tuple[PublicRow, ThreadRef] | None:
        """One public comment, and where it hangs."""
        rows = _with_whereabouts(self._rows(_PUBLIC_ONE, comment=public_id))
        return rows[0] if rows else None

    def author_view(self, comment_id: int) -> tuple[PublicRow, ThreadRef]:
        """The public columns of a comment whose author asks, whatever its state."""
        return _with_whereabouts(self._rows(_OWN_ONE, comment=comment_id))[0]

    def whatever_its_state(self, comment_id: int) -> tuple[PublicRow, ThreadRef] | None:
        """The public columns of a comment, and where it hangs; None where its row is gone."""
        rows = _with_whereabouts(self._rows(_OWN_ONE, comment=comment_id))
        return rows[0] if rows else None

    def newest(self, site_id: int, thread_id: int | None, limit: int) -> list[tuple[PublicRow, ThreadRef]]:
        """The latest public comments of a site, or of one thread, newest first."""
        if thread_id is None:
            return _with_whereabouts(self._rows(_NEWEST_OF_SITE, site=site_id, most=limit))
        return _with_whereabouts(self._rows(_NEWEST_OF_THREAD, site=site_id, thread=thread_id, most=limit))

    def rest_of_root(
        self, thread_id: int, place: tuple[int, str], limit: int, *, including: bool
    ) -> list[PublicRow]:
        """The shown comments under a root that follow *place*, its own included if *including*."""
        root, path = place
        rows = self._rows(_REST_OF_ROOT[including], thread=thread_id, root=root, place=path, most=limit)
        return _public_rows(rows)

    def roots_between(self, thread_id: int, order: Order, low: int, high: int, limit: int) -> list[PublicRow]:
        """The shown comments under the roots between two numbers."""
        return _public_rows(
            self._rows(_ROOTS_BETWEEN[order], thread=thread_id, low=low, high=high, most=limit)
        )

    def place_in(self, thread_id: int, public_id: str) -> tuple[int, str] | None:
        """The sort key of a comment of that thread, shown or not."""
        row = self._first(_PLACE_IN, comment=public_id, thread=thread_id)
        return None if row is None else (row[0], row[1])

    def place_of(self, thread_id: int, public_id: str) -> tuple[int, str] | None:
        """The sort key of a shown comment of that thread."""
        row = self._first(_PLACE_OF, comment=public_id, thread=thread_id)
        return None if row is None else (row[0], row[1])

    def parent(self, thread_id: int, public_id: str) -> Parent | None:
        """The public comment of that thread that a reply may hang on."""
        row = self._first(_PUBLIC_PARENT, comment=public_id, thread=thread_id)
        return None if row is None else Parent(*row)
