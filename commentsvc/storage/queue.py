"""Comments as their moderators list them, with the sealed address beside each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, union_all
from sqlalchemy.orm import aliased

from commentsvc.model import State
from commentsvc.records import Filter, Lookups, QueuedRow
from commentsvc.storage.repository import Repository
from commentsvc.storage.tables import AddressRow, CommentRow, SiteRow, ThreadRow

WAYS_AT_ONCE = 100  # SQLite joins at most 500 selects into one


class Queue(Repository):
    """Comments as their moderators list them."""

    def waiting(self, most: int) -> tuple[int, datetime | None]:
        """How many comments wait for a moderator, counted up to *most*, and since when the first of them does."""
        waits = (CommentRow.state == State.PENDING, CommentRow.erased_at.is_(None))
        some = select(CommentRow.id).where(*waits).limit(most).subquery()
        number = self._connection.execute(select(func.count()).select_from(some)).scalar_one()
        first = select(CommentRow.posted_at).where(*waits).order_by(CommentRow.id).limit(1)
        return number, self._connection.execute(first).scalar_one_or_none()

    def listed(self, wanted: Filter, after: int | None, limit: int) -> list[QueuedRow]:
        """The comments that match, oldest first, from the one after row *after*."""
        found: list[int] = []
        ways = self._ways(wanted)
        for start in range(0, len(ways), WAYS_AT_ONCE):
            some = [
                select(way.where(CommentRow.id > (after or 0)).limit(limit).subquery())
                for way in ways[start : start + WAYS_AT_ONCE]
            ]
            found += self._connection.scalars(union_all(*some))
        return self._queued(sorted(found)[:limit])

    def _ways(self, wanted: Filter) -> list[Select[int]]:
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
        if wanted.lookups is not None:
            return [self._of_address(matching, wanted, wanted.lookups)]
        states = wanted.states or tuple(State)
        places = self._places(wanted)
        return [
            matching.where(CommentRow.state == state, *place).order_by(CommentRow.id)
            for state in dict.fromkeys(states)
            for place in places
        ]

    def _of_address(self, matching: Select[int], wanted: Filter, lookups: Lookups) -> Select[int]:
        """One person's comments are few: what else is wanted is looked at in each."""
        rows = matching.join(AddressRow, AddressRow.comment_id == CommentRow.id).where(
            AddressRow.lookup.in_(set(lookups))
        )
        if wanted.states:
            rows = rows.where(CommentRow.state.in_(wanted.states))
        if wanted.sites is not None or wanted.article is not None:
            rows = rows.where(or_(*(and_(*place) for place in self._places(wanted)), false()))
        return rows.order_by(AddressRow.comment_id)

    def _places(self, wanted: Filter) -> list[list[ColumnElement[bool]]]:
        """The conditions for each site, or for each thread of the article; one without any for all."""
        if wanted.article is not None:
            sites = select(SiteRow.id) if wanted.sites is None else wanted.sites
            threads = select(ThreadRow.id).where(
                ThreadRow.article == wanted.article, ThreadRow.site_id.in_(sites)
            )
            return [[CommentRow.thread_id == thread] for thread in self._connection.scalars(threads)]
        if wanted.sites is not None:
            return [[CommentRow.site_id == site] for site in sorted(wanted.sites)]
        return [[]]

    def _queued(self, ids: Sequence[int]) -> list[QueuedRow]:
        parent = aliased(
            CommentRow, name="parent"
        )  # one of its own: see `Prepared.on` for why not a shared one
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
        return sorted((QueuedRow(*row) for row in self._connection.execute(rows)), key=attrgetter("id"))
