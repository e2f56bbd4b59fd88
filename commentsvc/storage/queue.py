"""Comments as their moderators list them, with the sealed address beside each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, aliased

from commentsvc.model import State
from commentsvc.storage.tables import AddressRow, CommentRow, SiteRow, ThreadRow


@dataclass(frozen=True, slots=True)
class Filter:
    """Which comments are listed; None or nothing leaves a criterion out."""

    sites: frozenset[int] | None = None
    states: Sequence[State] = ()
    article: str | None = None
    words: str | None = None
    lookup: bytes | None = None
    ids: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class QueuedRow:
    """A comment's row, its whereabouts, and its address as it is sealed."""

    id: int
    public_id: str
    parent: str | None
    depth: int
    state: State
    reasons: Sequence[str]
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
    parent = aliased(CommentRow, name="parent")  # one of its own: see `comments` for why not a shared one
    rows: Select[*tuple[Any, ...]] = (
        select(
            CommentRow.id,
            CommentRow.public_id,
            parent.public_id,
            CommentRow.depth,
            CommentRow.state,
            CommentRow.reasons,
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
        .where(CommentRow.erased_at.is_(None))
        .order_by(CommentRow.id)
        .limit(limit)
    )
    if wanted.sites is not None:
        rows = rows.where(CommentRow.site_id.in_(wanted.sites))
    if wanted.states:
        rows = rows.where(CommentRow.state.in_(wanted.states))
    if wanted.article is not None:
        rows = rows.where(ThreadRow.article == wanted.article)
    if wanted.words:
        rows = rows.where(
            or_(
                CommentRow.text.icontains(wanted.words, autoescape=True),
                CommentRow.author_name.icontains(wanted.words, autoescape=True),
            )
        )
    if wanted.lookup is not None:
        rows = rows.where(AddressRow.lookup == wanted.lookup)
    if wanted.ids is not None:
        rows = rows.where(CommentRow.public_id.in_(wanted.ids))
    if after is not None:
        rows = rows.where(CommentRow.id > after)
    return [QueuedRow(*row) for row in session.execute(rows)]
