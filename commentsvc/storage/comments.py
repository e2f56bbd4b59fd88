"""Comments: the public queries, which name their columns and never reach an address, and the writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.orm import Session, aliased

from commentsvc.model import Order, State
from commentsvc.storage.prepared import AnyOf, Prepared, Row
from commentsvc.storage.tables import CommentRow, SiteRow, ThreadRow

MOST_COUNTED = 1000  # of the same text: a flood is one from there on, and no post counts all of it

_Parent = aliased(CommentRow, name="parent")


class Outdated(NamedTuple):
    """A comment whose HTML older rules made."""

    rules: int
    id: int
    thread_id: int
    text: str
    html: str


class PublicRow(NamedTuple):
    """What the public may see of a comment, and its place; nothing else is selected."""

    public_id: str
    parent: str | None
    depth: int
    state: State
    author_name: str
    author_url: str | None
    html: str
    posted_at: datetime
    edited_at: datetime | None
    public_below: int
    root_seq: int
    path: str


class ThreadRef(NamedTuple):
    """Where a comment hangs: its site and its article."""

    site: str
    article: str
    title: str | None


_PUBLIC = (
    CommentRow.public_id,
    _Parent.public_id,
    CommentRow.depth,
    CommentRow.state,
    CommentRow.author_name,
    CommentRow.author_url,
    CommentRow.html,
    CommentRow.posted_at,
    CommentRow.edited_at,
    CommentRow.public_below,
    CommentRow.root_seq,
    CommentRow.path,
)


def page(
    session: Session,
    thread_id: int,
    order: Order,
    limit: int,
    after: tuple[int, str] | None,
    *,
    including: bool = False,
) -> list[PublicRow]:
    """The shown comments of a thread that follow *after*, its own included if *including*."""
    if after is None:
        return _rows(_FIRST[order].rows(session, thread=thread_id, most=limit))
    place: dict[str, Any] = {"thread": thread_id, "root": after[0], "place": after[1]}
    if order is Order.OLDEST:
        return _rows(_AFTER[including].rows(session, **place, most=limit))
    # Two ranges of the index: the rest of this root, then the older roots. As one condition
    # a database would read through all replies of the root to find where the page begins.
    rest = _rows(_REST_OF_ROOT[including].rows(session, **place, most=limit))
    if len(rest) == limit:
        return rest
    older = _OLDER_ROOTS.rows(session, thread=thread_id, root=after[0], most=limit - len(rest))
    return rest + _rows(older)


def _rows(found: list[Row]) -> list[PublicRow]:
    return list(map(PublicRow._make, found))


def public_one(session: Session, public_id: str) -> tuple[PublicRow, ThreadRef] | None:
    """One public comment, and where it hangs."""
    rows = _with_whereabouts(_PUBLIC_ONE.rows(session, comment=public_id))
    return rows[0] if rows else None


def author_view(session: Session, comment_id: int) -> tuple[PublicRow, ThreadRef]:
    """The public columns of a comment whose author asks, whatever its state."""
    return _with_whereabouts(_OWN_ONE.rows(session, comment=comment_id))[0]


def newest(
    session: Session, site_id: int, thread_id: int | None, limit: int
) -> list[tuple[PublicRow, ThreadRef]]:
    """The latest public comments of a site, or of one thread, newest first."""
    if thread_id is None:
        return _with_whereabouts(_NEWEST_OF_SITE.rows(session, site=site_id, most=limit))
    return _with_whereabouts(_NEWEST_OF_THREAD.rows(session, site=site_id, thread=thread_id, most=limit))


def _with_whereabouts(found: list[Row]) -> list[tuple[PublicRow, ThreadRef]]:
    width = len(_PUBLIC)
    return [(PublicRow._make(row[:width]), ThreadRef._make(row[width:])) for row in found]


def place_of(session: Session, thread_id: int, public_id: str) -> tuple[int, str] | None:
    """The sort key of a shown comment of that thread."""
    row = _PLACE_OF.first(session, comment=public_id, thread=thread_id)
    return None if row is None else (row[0], row[1])


@dataclass(frozen=True, slots=True)
class Parent:
    """What a reply needs of the comment that it answers."""

    id: int
    path: str


def public_parent(session: Session, thread_id: int, public_id: str) -> Parent | None:
    """The public comment of that thread that a reply may hang on."""
    row = _PUBLIC_PARENT.first(session, comment=public_id, thread=thread_id)
    return None if row is None else Parent(*row)


@dataclass(frozen=True, slots=True)
class NewComment:
    """A comment as it is stored first; fields are named as the columns."""

    public_id: str
    site_id: int
    thread_id: int
    seq: int
    root_seq: int
    path: str
    depth: int
    parent_id: int | None
    state: State
    reasons: tuple[str, ...]
    findings: list[dict[str, Any]]
    author_id: str
    author_name: str
    author_url: str | None
    text: str
    html: str
    rules: int
    fingerprint: bytes | None
    posted_at: datetime


def add(session: Session, comment: NewComment) -> int:
    """Store a comment; give the number of its row."""
    columns = {name: getattr(comment, name) for name in _NEW}
    ((row_id,),) = _ADD.rows(session, **columns, shown=comment.state is State.APPROVED)
    return int(row_id)


def by_public_id(session: Session, public_id: str) -> CommentRow | None:
    """The row to change, as it is now, if there is one that was not erased."""
    return session.scalar(
        select(CommentRow)
        .where(CommentRow.public_id == public_id, CommentRow.erased_at.is_(None))
        .execution_options(populate_existing=True)
    )


def by_id(session: Session, comment_id: int) -> CommentRow:
    """The row with that number."""
    return session.get_one(CommentRow, comment_id)


def of_author(session: Session, sites: frozenset[int] | None, author_id: str, most: int) -> list[str]:
    """The public ids of up to *most* comments under that author id on those sites, erased ones apart."""
    rows = select(CommentRow.public_id).where(
        CommentRow.author_id == author_id,
        CommentRow.erased_at.is_(None),
        CommentRow.site_id.in_(select(SiteRow.id) if sites is None else sites),
    )
    return list(session.scalars(rows.limit(most)))


def thread_opened_at(session: Session, site_id: int, article: str) -> datetime | None:
    """When the first comment of that article was posted, whatever became of it."""
    row = _FIRST_POSTED.first(session, site=site_id, named=article)
    return None if row is None else row[0]


def same_text(
    session: Session, site_id: int, fingerprint: bytes, since: datetime, *, besides: int = 0
) -> int:
    """How many comments of that site, posted from *since* on, have that text; `MOST_COUNTED` where there are more.

    :param besides: the row number of a comment that does not count.
    """
    ((found,),) = _SAME_TEXT.rows(
        session, site=site_id, hashed=fingerprint, since=since, besides=besides, most=MOST_COUNTED
    )
    return int(found)


def as_many_wait(session: Session, site_id: int, many: int) -> bool:
    """Whether that many comments of that site wait, or more; no more than so many are looked at."""
    return _NTH_THAT_WAITS.first(session, site=site_id, before=many - 1) is not None


def add_below(
    session: Session, thread_id: int, parent_id: int | None, above: Sequence[str], delta: int
) -> None:
    """Add *delta* to the public replies of the comments above one, and show or hide their places.

    Above it stand those of its path and, where it stands beside it, the one it answers.
    """
    if parent_id is not None:
        _ADD_BELOW.rows(session, thread=thread_id, parent=parent_id, above=list(above), more=delta)


def outdated(session: Session, rules: int, after: tuple[int, int], limit: int) -> list[Outdated]:
    """Comments whose HTML was made by older rules than *rules*, by (rules, id), from behind *after* on."""
    after_rules, after_id = after
    rows = _OUTDATED.rows(session, rules=rules, after_rules=after_rules, after_id=after_id, most=limit)
    return [Outdated(*row) for row in rows]


def count_outdated(session: Session, rules: int) -> int:
    """How many there are of them."""
    ((count,),) = _COUNT_OUTDATED.rows(session, rules=rules)
    return int(count)


def bring_up(session: Session, comment: Outdated, html: str, rules: int) -> bool:
    """Store *html*, which *rules* made of a comment's text; False where that was edited or erased since."""
    brought = _BRING_UP.first(session, comment=comment.id, said=comment.text, shown_as=html, new=rules)
    return brought is not None


_IS_OUTDATED = and_(CommentRow.rules < bindparam("rules"), CommentRow.erased_at.is_(None))
_OUTDATED = Prepared(
    select(CommentRow.rules, CommentRow.id, CommentRow.thread_id, CommentRow.text, CommentRow.html)
    .where(
        _IS_OUTDATED,
        tuple_(CommentRow.rules, CommentRow.id)
        > tuple_(bindparam("after_rules", type_=Integer), bindparam("after_id", type_=BigInteger)),
    )
    .order_by(CommentRow.rules, CommentRow.id)
    .limit(bindparam("most", type_=Integer))
)
_COUNT_OUTDATED = Prepared(select(func.count()).select_from(CommentRow).where(_IS_OUTDATED))
_BRING_UP = Prepared(
    update(CommentRow)
    .where(
        CommentRow.id == bindparam("comment"),
        CommentRow.text == bindparam("said"),
        CommentRow.rules < bindparam("new"),
        CommentRow.erased_at.is_(None),
    )
    .values(html=bindparam("shown_as"), rules=bindparam("new"))
    .returning(CommentRow.id)
)


def _public(*more: Any) -> Select[*tuple[Any, ...]]:
    return select(*_PUBLIC, *more).outerjoin(_Parent, CommentRow.parent_id == _Parent.id)


def _shown() -> Select[*tuple[Any, ...]]:
    of_thread = CommentRow.thread_id == bindparam("thread")
    return _public().where(of_thread, CommentRow.shown).limit(bindparam("most", type_=Integer))


def _placed() -> Select[*tuple[Any, ...]]:
    return (
        _public(SiteRow.slug, ThreadRow.article, ThreadRow.title)
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
    Prepared(_shown().where(_HERE > _THERE).order_by(*_OLDEST_FIRST)),
    Prepared(_shown().where(_HERE >= _THERE).order_by(*_OLDEST_FIRST)),
)
_REST_OF_ROOT = (
    Prepared(_shown().where(_SAME_ROOT, CommentRow.path > _PATH_THERE).order_by(CommentRow.path)),
    Prepared(_shown().where(_SAME_ROOT, CommentRow.path >= _PATH_THERE).order_by(CommentRow.path)),
)
_OLDER_ROOTS = Prepared(_shown().where(CommentRow.root_seq < bindparam("root")).order_by(*_NEWEST_FIRST))
_IS_PUBLIC = CommentRow.state == State.APPROVED
_OF_ID = CommentRow.public_id == bindparam("comment")
_OF_THREAD = CommentRow.thread_id == bindparam("thread")
_PUBLIC_ONE = Prepared(_placed().where(_OF_ID, _IS_PUBLIC))
_OWN_ONE = Prepared(_placed().where(CommentRow.id == bindparam("comment")))
_NEWEST = (
    _placed()
    .where(
        CommentRow.site_id == bindparam("site"),
        _IS_PUBLIC,
        CommentRow.erased_at.is_(None),  # no approved one is; it says which index will do
    )
    .limit(bindparam("most", type_=Integer))
)
_NEWEST_OF_SITE = Prepared(_NEWEST.order_by(CommentRow.id.desc()))
_NEWEST_OF_THREAD = Prepared(_NEWEST.where(_OF_THREAD).order_by(CommentRow.seq.desc()))
_PLACE_OF = Prepared(select(CommentRow.root_seq, CommentRow.path).where(_OF_ID, _OF_THREAD, CommentRow.shown))
_PUBLIC_PARENT = Prepared(select(CommentRow.id, CommentRow.path).where(_OF_ID, _OF_THREAD, _IS_PUBLIC))
_NEW = tuple(field.name for field in fields(NewComment))
_ADD = Prepared(
    insert(CommentRow)
    .values(
        {name: bindparam(name) for name in (*_NEW, "shown")}
        | {"public_below": 0, "revision": 1, "vouched": False}
    )
    .returning(CommentRow.id)
)
_FIRST_POSTED = Prepared(
    select(CommentRow.posted_at)
    .where(  # not a join: PostgreSQL would sort the thread
        CommentRow.thread_id
        == select(ThreadRow.id)
        .where(ThreadRow.site_id == bindparam("site"), ThreadRow.article == bindparam("named"))
        .scalar_subquery()
    )
    .order_by(CommentRow.seq)
    .limit(1)
)
_SAME_TEXT = Prepared(
    select(func.count()).select_from(
        select(CommentRow.id)
        .where(
            CommentRow.site_id == bindparam("site"),
            CommentRow.fingerprint == bindparam("hashed"),
            CommentRow.posted_at >= bindparam("since"),
            CommentRow.id != bindparam("besides"),
        )
        .limit(bindparam("most", type_=Integer))
        .subquery()
    )
)
_NTH_THAT_WAITS = Prepared(
    select(CommentRow.id)
    .where(
        CommentRow.site_id == bindparam("site"),
        CommentRow.state == State.PENDING,
        CommentRow.erased_at.is_(None),
    )
    .order_by(CommentRow.id)
    .limit(1)
    .offset(bindparam("before", type_=Integer))
)
_BELOW = CommentRow.public_below + bindparam("more")
_ADD_BELOW = Prepared(
    # Each half names all of an index's columns: with the thread outside, SQLite reads through all of it.
    update(CommentRow)
    .where(or_(and_(_OF_THREAD, AnyOf(CommentRow.path, "above")), CommentRow.id == bindparam("parent")))
    .values(public_below=_BELOW, shown=or_(_IS_PUBLIC, _BELOW > 0))
)
