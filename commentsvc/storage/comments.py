"""Comments: the public queries, which name their columns and never reach an address, and the writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select, tuple_, update
from sqlalchemy.orm import Session, aliased

from commentsvc.model import Order, State
from commentsvc.storage.tables import CommentRow, SiteRow, ThreadRow

_Parent = aliased(CommentRow, name="parent")


@dataclass(frozen=True, slots=True)
class PublicRow:
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


@dataclass(frozen=True, slots=True)
class Whereabouts:
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


def _public() -> Select[*tuple[Any, ...]]:
    return select(*_PUBLIC).outerjoin(_Parent, CommentRow.parent_id == _Parent.id)


# An alias is finished by the first statement with it that is compiled. Threads that do so at the
# same time spoil it for each other: of ten first posts at once one failed. So it is done here, alone.
_public().compile()


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
    shown = _public().where(CommentRow.thread_id == thread_id, CommentRow.shown).limit(limit)
    if order is Order.OLDEST:
        if after is not None:
            place = tuple_(CommentRow.root_seq, CommentRow.path)
            shown = shown.where(place >= after if including else place > after)
        return _rows(session, shown.order_by(CommentRow.root_seq, CommentRow.path))
    if after is None:
        return _rows(session, shown.order_by(CommentRow.root_seq.desc(), CommentRow.path))
    # Two ranges of the index: the rest of this root, then the older roots. As one condition
    # a database would read through all replies of the root to find where the page begins.
    root_seq, path = after
    further = CommentRow.path >= path if including else CommentRow.path > path
    rest = _rows(session, shown.where(CommentRow.root_seq == root_seq, further).order_by(CommentRow.path))
    if len(rest) == limit:
        return rest
    older = shown.where(CommentRow.root_seq < root_seq).limit(limit - len(rest))
    return rest + _rows(session, older.order_by(CommentRow.root_seq.desc(), CommentRow.path))


def _rows(session: Session, selected: Select[*tuple[Any, ...]]) -> list[PublicRow]:
    return [PublicRow(*row) for row in session.execute(selected)]


def public_one(session: Session, public_id: str) -> tuple[PublicRow, Whereabouts] | None:
    """One public comment, and where it hangs."""
    rows = _found_with_whereabouts(
        session, CommentRow.public_id == public_id, CommentRow.state == State.APPROVED
    )
    return rows[0] if rows else None


def own_one(session: Session, comment_id: int) -> tuple[PublicRow, Whereabouts]:
    """The public columns of a comment whose author asks, whatever its state."""
    return _found_with_whereabouts(session, CommentRow.id == comment_id)[0]


def _found_with_whereabouts(
    session: Session, *conditions: ColumnElement[bool]
) -> list[tuple[PublicRow, Whereabouts]]:
    rows = session.execute(
        _public()
        .add_columns(SiteRow.slug, ThreadRow.article, ThreadRow.title)
        .join(ThreadRow, CommentRow.thread_id == ThreadRow.id)
        .join(SiteRow, ThreadRow.site_id == SiteRow.id)
        .where(*conditions)
    )
    width = len(_PUBLIC)
    return [(PublicRow(*row[:width]), Whereabouts(*row[width:])) for row in rows]


def newest(
    session: Session, site_id: int, thread_id: int | None, limit: int
) -> list[tuple[PublicRow, Whereabouts]]:
    """The latest public comments of a site, or of one thread, newest first."""
    rows = (
        _public()
        .add_columns(SiteRow.slug, ThreadRow.article, ThreadRow.title)
        .join(ThreadRow, CommentRow.thread_id == ThreadRow.id)
        .join(SiteRow, ThreadRow.site_id == SiteRow.id)
        .where(
            CommentRow.site_id == site_id,
            CommentRow.state == State.APPROVED,
            CommentRow.erased_at.is_(None),  # no approved one is; it says which index will do
        )
    )
    if thread_id is not None:
        rows = rows.where(CommentRow.thread_id == thread_id).order_by(CommentRow.seq.desc())
    else:
        rows = rows.order_by(CommentRow.id.desc())
    width = len(_PUBLIC)
    return [
        (PublicRow(*row[:width]), Whereabouts(*row[width:])) for row in session.execute(rows.limit(limit))
    ]


def place_of(session: Session, thread_id: int, public_id: str) -> tuple[int, str] | None:
    """The sort key of a shown comment of that thread."""
    row = session.execute(
        select(CommentRow.root_seq, CommentRow.path).where(
            CommentRow.public_id == public_id, CommentRow.thread_id == thread_id, CommentRow.shown
        )
    ).one_or_none()
    return None if row is None else (row[0], row[1])


@dataclass(frozen=True, slots=True)
class Parent:
    """What a reply needs of the comment that it answers."""

    id: int
    path: str


def public_parent(session: Session, thread_id: int, public_id: str) -> Parent | None:
    """The public comment of that thread that a reply may hang on."""
    row = session.execute(
        select(CommentRow.id, CommentRow.path).where(
            CommentRow.public_id == public_id,
            CommentRow.thread_id == thread_id,
            CommentRow.state == State.APPROVED,
        )
    ).one_or_none()
    return None if row is None else Parent(*row)


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


def author_was_approved(session: Session, site_id: int, author_id: str) -> bool:
    """Whether a comment under that author id is public on that site."""
    approved = select(CommentRow.id).where(
        CommentRow.site_id == site_id,
        CommentRow.author_id == author_id,
        CommentRow.state == State.APPROVED,
    )
    return session.scalar(approved.limit(1)) is not None


def add_below(session: Session, comment: CommentRow, above: Sequence[str], delta: int) -> None:
    """Add *delta* to the public replies of the comments above one, and show or hide their places.

    Above it stand those of its path and, where it stands beside it, the one it answers.
    """
    if comment.parent_id is None:
        return
    # Each half names all of an index's columns: with the thread outside, SQLite reads through all of it.
    in_path = and_(CommentRow.thread_id == comment.thread_id, CommentRow.path.in_(above))
    below = CommentRow.public_below + delta
    session.execute(
        update(CommentRow)
        .where(or_(in_path, CommentRow.id == comment.parent_id))
        .values(public_below=below, shown=or_(CommentRow.state == State.APPROVED, below > 0))
        .execution_options(synchronize_session=False)
    )


def outdated(session: Session, rules: int, limit: int) -> list[CommentRow]:
    """Comments whose HTML was made by older rules."""
    return list(
        session.scalars(
            select(CommentRow)
            .where(CommentRow.rules < rules, CommentRow.erased_at.is_(None))
            .order_by(CommentRow.rules, CommentRow.id)
            .limit(limit)
        )
    )
