"""Comments as their moderators list them, with the sealed address beside each."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from json import dumps
from operator import attrgetter
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    Subquery,
    Text,
    and_,
    bindparam,
    cast,
    false,
    func,
    or_,
    select,
    union_all,
)

from commentsvc.model import Answered, AuthorHistory, Markup, State
from commentsvc.records import AuthorRecord, Filter, Lookups, QueuedRow, Standing
from commentsvc.storage.repository import Repository
from commentsvc.storage.search import LAST_ROW, Search
from commentsvc.storage.tables import (
    AddressRow,
    CommentRow,
    NetworkRow,
    ReportRow,
    SearchTextRow,
    SiteRow,
    ThreadRow,
)
from commentsvc.unicode_text import words_of

SCANNED = 10_000  # comments of each way that a page is looked for in: some 5 ms
ROWS_AT_ONCE = 1_000  # of those that an index of words gave
NAMES = 20  # of one author, the latest
EXCERPT = 400  # characters of a comment that is answered
WAYS_AT_ONCE = 100  # SQLite joins at most 500 selects into one
_OPEN_REPORTS = (
    select(func.count(ReportRow.id))
    .where(ReportRow.comment_id == CommentRow.id, ReportRow.closed_at.is_(None))
    .correlate(CommentRow)
    .scalar_subquery()
)

# An alias of the table; one of the class can be no constant: see `Prepared.on`.
_PARENT = CommentRow.__table__.alias("parent")
_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_QUEUED = (
    select(
        CommentRow.id,
        CommentRow.public_id,
        _PARENT.c.public_id,
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
        CommentRow.staff,
        CommentRow.root_seq,
        CommentRow.path,
        SiteRow.slug,
        ThreadRow.article,
        ThreadRow.title,
        ThreadRow.claimed_title,
        ThreadRow.claimed_url,
        ThreadRow.pins,
        ThreadRow.locks,
        AddressRow.sealed,
        NetworkRow.sealed,
        _OPEN_REPORTS,
    )
    .join(ThreadRow, CommentRow.thread_id == ThreadRow.id)
    .join(SiteRow, CommentRow.site_id == SiteRow.id)
    .outerjoin(_PARENT, CommentRow.parent_id == _PARENT.c.id)
    .outerjoin(AddressRow, AddressRow.comment_id == CommentRow.id)
    .outerjoin(NetworkRow, NetworkRow.comment_id == CommentRow.id)
    .where(CommentRow.id.in_(_IDS), CommentRow.erased_at.is_(None))  # which it may be only now
)
_NOT_ERASED: Select[int] = select(CommentRow.id).where(CommentRow.erased_at.is_(None))


class Queue(Repository):
    """Comments as their moderators list them."""

    def newest(self) -> int:
        """The row of the newest comment; 0 where there is none."""
        return self._connection.scalar(select(func.max(CommentRow.id))) or 0

    def waits_since(self) -> datetime | None:
        """When the comment was posted that waits for a moderator longest; None where none does."""
        waits = (CommentRow.state == State.PENDING, CommentRow.erased_at.is_(None))
        first = select(CommentRow.posted_at).where(*waits).order_by(CommentRow.id).limit(1)
        return self._connection.execute(first).scalar_one_or_none()

    def listed(self, filters: Filter, after: int | None, limit: int) -> tuple[list[QueuedRow], int | None]:
        """Up to *limit* comments that match, in order, behind row *after*; and the row behind which more may follow.

        What no index tells is looked for in `SCANNED` comments at a time: there may be fewer than *limit*, even
        none, while more follow.
        """
        if filters.words:
            above, below = _bounds(filters, after)
            rows = Search(self._connection).candidates(filters.words, above, below)
            if rows is not None:
                return self._listed_of(rows, filters, limit)
        return self._looked_through(filters, after, limit)

    def _listed_of(
        self, rows: Sequence[int], filters: Filter, limit: int
    ) -> tuple[list[QueuedRow], int | None]:
        """Those of *rows* that match: the index gave all that can, whatever else is asked for."""
        found: list[int] = []
        ordered = sorted(rows, reverse=filters.newest_first)
        matching = self._matching_row(filters)
        for start in range(0, len(ordered), ROWS_AT_ONCE):
            some = matching.where(CommentRow.id.in_(ordered[start : start + ROWS_AT_ONCE]))
            found += self._connection.scalars(_ordered(some, CommentRow.id, filters).limit(limit + 1))
            if len(found) > limit:
                break
        page = found[:limit]
        return self._queued(page, filters), page[-1] if len(found) > limit else None

    def _matching_row(self, filters: Filter) -> Select[int]:
        """A select of the comments that match, for rows that are few."""
        if filters.lookups is not None:
            rows = self._of_address(_NOT_ERASED, filters, filters.lookups)
        elif filters.networks is not None:
            rows = _of_network(_NOT_ERASED, filters.networks).where(*_beside_network(filters, CommentRow))
        else:
            rows = _NOT_ERASED
            if filters.states:
                rows = rows.where(CommentRow.state.in_(filters.states))
            if filters.sites is not None or filters.article is not None or filters.author is not None:
                rows = rows.where(or_(*(and_(*place) for place in self._places(filters)), false()))
        return self._with_conditions(rows, filters)

    def _with_conditions(self, rows: Select[int], filters: Filter) -> Select[int]:
        """What is asked for and no index tells."""
        conditions = _conditions(filters)
        if filters.words:
            rows = rows.outerjoin(SearchTextRow, SearchTextRow.comment_id == CommentRow.id)
            conditions.append(Search(self._connection).holds(filters.words))
        return rows.where(*conditions)

    def _looked_through(
        self, filters: Filter, after: int | None, limit: int
    ) -> tuple[list[QueuedRow], int | None]:
        found: list[int] = []
        horizons: list[int] = []
        ways = [self._behind(way, filters, after) for way in self._ways(filters)]
        if filters.words or _conditions(filters) or _beside_network(filters, CommentRow):
            scanned = [way.limit(SCANNED).subquery() for way in ways]
            horizons = self._horizons(scanned, filters)
            ways = [
                _ordered(
                    self._with_conditions(
                        select(CommentRow.id).where(
                            CommentRow.id.in_(select(some.c.id).where(*_beside_network(filters, some.c)))
                        ),
                        filters,
                    ),
                    CommentRow.id,
                    filters,
                )
                for some in scanned
            ]
        for start in range(0, len(ways), WAYS_AT_ONCE):
            some = [select(way.limit(limit + 1).subquery()) for way in ways[start : start + WAYS_AT_ONCE]]
            found += self._connection.scalars(union_all(*some))
        found.sort(reverse=filters.newest_first)
        horizon = None
        if horizons:  # behind it some of the ways were not looked at
            horizon = max(horizons) if filters.newest_first else min(horizons)
            found = [row for row in found if (row >= horizon if filters.newest_first else row <= horizon)]
        page = found[:limit]
        more = page[-1] if len(found) > limit else horizon
        return self._queued(page, filters), more

    def one(self, public_id: str) -> QueuedRow | None:
        """The comment of that public id; None where it was erased."""
        ids = self._connection.scalars(select(CommentRow.id).where(CommentRow.public_id == public_id)).all()
        return next(iter(self._queued(ids, Filter())), None)

    def standing(self, public_ids: Sequence[str]) -> list[Standing]:
        """How those of these comments stand that were not erased."""
        rows = select(CommentRow.public_id, CommentRow.site_id, CommentRow.state, CommentRow.revision).where(
            CommentRow.public_id.in_(public_ids), CommentRow.erased_at.is_(None)
        )
        return [Standing(*row) for row in self._connection.execute(rows)]

    def answered(self, public_ids: Collection[str]) -> dict[str, Answered]:
        """The beginnings of these comments, which others answer, by their public ids; without those that were erased."""
        rows = select(
            CommentRow.public_id,
            CommentRow.author_name,
            func.substr(CommentRow.text, 1, EXCERPT),
            CommentRow.state,
            CommentRow.markup,
        ).where(CommentRow.public_id.in_(public_ids), CommentRow.erased_at.is_(None))
        return {
            public_id: Answered(public_id, name, words_of(text) if markup is Markup.HTML else text, state)
            for public_id, name, text, state, markup in self._connection.execute(rows)
        }

    def author(self, author_id: str, sites: Collection[int] | None) -> AuthorRecord | None:
        """What that author wrote on these sites, on all for None; None where there is nothing."""
        theirs = self._connection.scalars(select(SiteRow.id)).all() if sites is None else sites
        found = (
            CommentRow.site_id.in_(theirs),
            CommentRow.author_id == author_id,
            CommentRow.erased_at.is_(None),
        )
        times = (func.min(CommentRow.posted_at), func.max(CommentRow.posted_at))
        rows = self._connection.execute(
            select(CommentRow.state, func.count(), *times).where(*found).group_by(CommentRow.state)
        ).all()
        if not rows:
            return None
        latest = func.max(CommentRow.id)
        names = self._connection.scalars(
            select(CommentRow.author_name)
            .where(*found)
            .group_by(CommentRow.author_name)
            .order_by(latest.desc())
            .limit(NAMES)
        ).all()
        by_state = {state: count for state, count, _, _ in rows}
        return AuthorRecord(by_state, min(row[2] for row in rows), max(row[3] for row in rows), names)

    def histories(
        self, sites: Collection[str], authors: Collection[str]
    ) -> dict[tuple[str, str], AuthorHistory]:
        """What these authors wrote on these sites, by the site's slug and the author's id."""
        slugs = {row.id: row.slug for row in self._connection.execute(select(SiteRow.id, SiteRow.slug))}
        rows = (
            select(
                CommentRow.site_id,
                CommentRow.author_id,
                CommentRow.state,
                func.count(),
                func.min(CommentRow.posted_at),
            )
            .where(
                CommentRow.site_id.in_([number for number, slug in slugs.items() if slug in sites]),
                CommentRow.author_id.in_(authors),
                CommentRow.erased_at.is_(None),
            )
            .group_by(CommentRow.site_id, CommentRow.author_id, CommentRow.state)
        )
        found: dict[tuple[str, str], AuthorHistory] = {}
        for site, author, state, count, first in self._connection.execute(rows):
            known = found.get((slugs[site], author), AuthorHistory({}, first))
            found[slugs[site], author] = AuthorHistory(
                known.by_state | {state: count}, min(known.first_seen, first)
            )
        return found

    def _behind(self, way: Select[int], filters: Filter, after: int | None) -> Select[int]:
        number: Any = CommentRow.id
        if filters.lookups is not None:  # as the index has it
            number = AddressRow.comment_id
        elif filters.networks is not None:
            number = NetworkRow.comment_id
        if after is not None:
            way = way.where(number < after if filters.newest_first else number > after)
        return _ordered(way, number, filters)

    def _horizons(self, scanned: Sequence[Subquery], filters: Filter) -> list[int]:
        """The last rows that were looked at, of the ways in which more follow."""
        last = func.min if filters.newest_first else func.max
        horizons: list[int] = []
        for start in range(0, len(scanned), WAYS_AT_ONCE):
            ends = [
                select(func.count(some.c.id), last(some.c.id))
                for some in scanned[start : start + WAYS_AT_ONCE]
            ]
            horizons += [row for count, row in self._connection.execute(union_all(*ends)) if count == SCANNED]
        return horizons

    def _ways(self, filters: Filter) -> list[Select[int]]:
        """Selects that together give the row numbers of what may match, each in order of an index.

        One for each state, and each site or thread: of several in one, a database would sort all
        that match to give the first page.
        """
        matching = _NOT_ERASED
        if filters.lookups is not None:
            return [self._of_address(matching, filters, filters.lookups)]
        if filters.networks is not None:
            columns = (CommentRow.state, CommentRow.site_id, CommentRow.thread_id, CommentRow.author_id)
            return [_of_network(matching.add_columns(*columns), filters.networks)]
        if _by_reports(filters):
            return [self._reported(matching, filters)]
        states = filters.states or tuple(State)
        places = self._places(filters)
        return [
            matching.where(CommentRow.state == state, *place)
            for state in dict.fromkeys(states)
            for place in places
        ]

    def _reported(self, matching: Select[int], filters: Filter) -> Select[int]:
        """Comments with open reports are few, and an index has these alone."""
        reported = select(ReportRow.comment_id).where(ReportRow.closed_at.is_(None))
        if filters.sites is not None:
            reported = reported.where(ReportRow.site_id.in_(filters.sites))
        rows = matching.where(CommentRow.id.in_(reported))
        return rows.where(CommentRow.state.in_(filters.states)) if filters.states else rows

    def _of_address(self, matching: Select[int], filters: Filter, lookups: Lookups) -> Select[int]:
        """One person's comments are few: what else is asked for is looked at in each."""
        rows = matching.join(AddressRow, AddressRow.comment_id == CommentRow.id).where(
            AddressRow.lookup.in_(set(lookups))
        )
        if filters.states:
            rows = rows.where(CommentRow.state.in_(filters.states))
        if filters.author is not None:
            rows = rows.where(CommentRow.author_id == filters.author)
        if filters.sites is not None or filters.article is not None:
            rows = rows.where(or_(*(and_(*place) for place in self._places(filters)), false()))
        return rows

    def _places(self, filters: Filter) -> list[list[ColumnElement[bool]]]:
        """The conditions for each site, or for each thread of the article; one without any for all."""
        if filters.author is not None and filters.article is None:
            everywhere = self._connection.scalars(select(SiteRow.id)).all()
            theirs = everywhere if filters.sites is None else filters.sites
            by_author = CommentRow.author_id == filters.author
            return [[CommentRow.site_id == site, by_author] for site in sorted(theirs)]
        if filters.article is not None:
            threads = self._connection.scalars(_threads(filters))
            return [[CommentRow.thread_id == thread] for thread in threads]
        if filters.sites is not None:
            return [[CommentRow.site_id == site] for site in sorted(filters.sites)]
        return [[]]

    def _queued(self, ids: Sequence[int], filters: Filter) -> list[QueuedRow]:
        queued = (QueuedRow(*row) for row in self._rows(_QUEUED, ids=ids))
        return sorted(queued, key=attrgetter("id"), reverse=filters.newest_first)


def _by_reports(filters: Filter) -> bool:
    """Whether the open reports are the way by which comments are found."""
    others = (filters.lookups, filters.networks, filters.author, filters.article)
    return filters.reported and all(other is None for other in others)


def _threads(filters: Filter) -> Select[int]:
    """The threads of the article, one a site."""
    sites = select(SiteRow.id) if filters.sites is None else filters.sites
    return select(func.coalesce(ThreadRow.moved_to, ThreadRow.id)).where(
        ThreadRow.article == filters.article, ThreadRow.site_id.in_(sites)
    )


def _of_network(matching: Select[Any], lookups: Lookups) -> Select[Any]:
    """The comments of one network, which may be many: see `_beside_network`."""
    return matching.join(NetworkRow, NetworkRow.comment_id == CommentRow.id).where(
        NetworkRow.lookup.in_(set(lookups))
    )


def _bounds(filters: Filter, after: int | None) -> tuple[int, int]:
    """Between which rows those lie that follow *after*."""
    if after is None:
        return 0, LAST_ROW
    return (0, after) if filters.newest_first else (after, LAST_ROW)


def _ordered(way: Select[int], number: Any, filters: Filter) -> Select[int]:
    return way.order_by(number.desc() if filters.newest_first else number)


def _conditions(filters: Filter) -> list[ColumnElement[bool]]:
    """What is asked for and no index tells, words apart."""
    conditions: list[ColumnElement[bool]] = []
    if filters.author is not None and filters.article is not None:
        conditions.append(CommentRow.author_id == filters.author)
    if filters.networks is not None and filters.lookups is not None:
        theirs = select(NetworkRow.comment_id).where(NetworkRow.lookup.in_(set(filters.networks)))
        conditions.append(CommentRow.id.in_(theirs))
    if filters.check is not None:
        named = f'"check": {dumps(filters.check)},'  # as the column has it
        conditions.append(cast(CommentRow.findings, Text).contains(named, autoescape=True))
    if filters.reported and not _by_reports(filters):
        conditions.append(_OPEN_REPORTS > 0)
    if filters.links:
        conditions.append(CommentRow.html.contains("<a "))
    if filters.since is not None:
        conditions.append(CommentRow.posted_at >= filters.since)
    if filters.until is not None:
        conditions.append(CommentRow.posted_at < filters.until)
    return conditions


def _beside_network(filters: Filter, columns: Any) -> list[ColumnElement[bool]]:
    """What is asked for beside a network, and an index tells of other comments; nothing where none is the way.

    :param columns: of the comments that are looked at. Where these are some of a network alone, they are that subquery's:
        a database that finds the conditions at the table goes by their indexes, and through a whole site.
    """
    if filters.networks is None or filters.lookups is not None:
        return []
    conditions: list[ColumnElement[bool]] = []
    if filters.states:
        conditions.append(columns.state.in_(filters.states))
    if filters.article is not None:
        conditions.append(columns.thread_id.in_(_threads(filters)))
    elif filters.sites is not None:
        conditions.append(columns.site_id.in_(filters.sites))
    if filters.author is not None:
        conditions.append(columns.author_id == filters.author)
    return conditions
