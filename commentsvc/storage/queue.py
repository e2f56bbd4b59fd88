"""Comments as their moderators list them, with the sealed address beside each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from commentsvc.model import State
from commentsvc.storage.tables import AddressRow, CommentRow, SiteRow, ThreadRow

WAYS_AT_ONCE = 100  # SQLite joins at most 500 selects into one


@dataclass(frozen=True, slots=True)
class Filter:
    """Which comments are listed; None or nothing leaves a criterion out."""

    sites: frozenset[int] | None = None
    states: Sequence[State] = ()
    article: str | None = None
    words: str | None = None
    lookup: bytes | None = None


@dataclass(frozen=True, slots=True)
class QueuedRow:
    """A comment's row, its whereabouts, and its address as it is sealed."""

    id: int
    public_id: str
    parent: str | None
    depth: int
    state: State
    reasons: Sequence[str]
    findings: Sequence[Mapping[str, Any]]
    author_id: str
    revision: int
    author_name: str
    author_url: str | None
    text: str
    html: str
    posted_at: datetime
    edited_at: datetime | None
    public_below: int
    site: str
    article: str
    thread_title: str | None
    claimed_title: str | None
    claimed_url: str | None
    sealed: bytes | None


def listed(session: Session, wanted: Filter, after: int | None, limit: int) -> list[QueuedRow]:
    """The comments that match, oldest first, from the one after row *after*."""
    found: list[int] = []
    ways = _ways(session, wanted)
    for start in range(0, len(ways), WAYS_AT_ONCE):
        some = [
            select(way.where(CommentRow.id > (after or 0)).limit(limit).subquery())
            for way in ways[start : start + WAYS_AT_ONCE]
        ]
        found += session.scalars(union_all(*some))
    return _rows(session, sorted(found)[:limit])


def _ways(session: Session, wanted: Filter) -> list[Select[int]]:
    """Selects that together give the row numbers of what matches, each in order of an index.

    One for each state, and each site or thread: of several in one, a database would sort all
    that match to give the first page.
    """
    matching = select(CommentRow.id).where(CommentRow.erased_at.is_(None))
    if wanted.words:
        matching = matching.where(
            or_(
                CommentRow.text.icontains(wanted.words, autoescape=True),
                CommentRow.author_name.icontains(wanted.words, autoescape=True),
            )
        )
    if wanted.lookup is not None:
        return [_of_address(session, matching, wanted, wanted.lookup)]
    states = wanted.states or tuple(State)
    places = _places(session, wanted)
    return [
        matching.where(CommentRow.state == state, *place).order_by(CommentRow.id)
        for state in dict.fromkeys(states)
        for place in places
    ]


def _of_address(session: Session, matching: Select[int], wanted: Filter, lookup: bytes) -> Select[int]:
    """One person's comments are few: what else is wanted is looked at in each."""
    rows = matching.join(AddressRow, AddressRow.comment_id == CommentRow.id).where(
        AddressRow.lookup == lookup
    )
    if wanted.states:
        rows = rows.where(CommentRow.state.in_(wanted.states))
    if wanted.sites is not None or wanted.article is not None:
        rows = rows.where(or_(*(and_(*place) for place in _places(session, wanted)), false()))
    return rows.order_by(AddressRow.comment_id)


def _places(session: Session, wanted: Filter) -> list[list[ColumnElement[bool]]]:
    """The conditions for each site, or for each thread of the article; one without any for all."""
    if wanted.article is not None:
        sites = select(SiteRow.id) if wanted.sites is None else wanted.sites
        threads = select(ThreadRow.id).where(
            ThreadRow.article == wanted.article, ThreadRow.site_id.in_(sites)
        )
        return [[CommentRow.thread_id == thread] for thread in session.scalars(threads)]
    if wanted.sites is not None:
        return [[CommentRow.site_id == site] for site in sorted(wanted.sites)]
    return [[]]


def _rows(session: Session, ids: Sequence[int]) -> list[QueuedRow]:
    parent = aliased(CommentRow, name="parent")  # one of its own: see `comments` for why not a shared one
    rows: Select[*tuple[Any, ...]] = (
        select(
            CommentRow.id,
            CommentRow.public_id,
            parent.public_id,
            CommentRow.depth,
            CommentRow.state,
            CommentRow.reasons,
            CommentRow.findings,
            CommentRow.author_id,
            CommentRow.revision,
            CommentRow.author_name,
            CommentRow.author_url,
            CommentRow.text,
            CommentRow.html,
            CommentRow.posted_at,
            CommentRow.edited_at,
            CommentRow.public_below,
            SiteRow.slug,
            ThreadRow.article,
            ThreadRow.title,
            ThreadRow.claimed_title,
            ThreadRow.claimed_url,
            AddressRow.sealed,
        )
        .join(ThreadRow, CommentRow.thread_id == ThreadRow.id)
        .join(SiteRow, CommentRow.site_id == SiteRow.id)
        .outerjoin(parent, CommentRow.parent_id == parent.id)
        .outerjoin(AddressRow, AddressRow.comment_id == CommentRow.id)
        .where(CommentRow.id.in_(ids), CommentRow.erased_at.is_(None))  # which it may be only now
    )
    return sorted((QueuedRow(*row) for row in session.execute(rows)), key=attrgetter("id"))
