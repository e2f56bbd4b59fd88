"""What moderators see of readers' reports and authors' objections, and all decisions of a year."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from commentsvc.actions.moderate import cursor_of, position_of, sites_of
from commentsvc.errors import NotFound
from commentsvc.model import Decision, ModeratedComment, Moderator, Objection, OpenMatters, Report, Site
from commentsvc.moderation import reports, unseen
from commentsvc.service import Service
from commentsvc.storage.unit_of_work import UnitOfWork

READ_AT_ONCE = 500  # lines of a long list
MOST_REPORTS = 500  # of the comments of one page of the queue


def count_reported(work: UnitOfWork, moderator: Moderator, site: Site | None) -> int:
    """Give how many comments have open reports, on one site or on all of this moderator's.

    :raises Forbidden: the site is not this moderator's.
    """
    return work.reports.count_comments(sites_of(moderator, site))


def reports_of(
    service: Service, work: UnitOfWork, moderator: Moderator, public_id: str, limit: int, cursor: str | None
) -> tuple[list[Report], list[Objection], str | None]:
    """Give a page of what readers reported of a comment, all objections of its author, and the cursor of the next.

    :raises NotFound: there is no such comment, or it is not this moderator's.
    :raises Invalid: the cursor does not belong to this list.
    """
    comment = work.comments.by_public_id(public_id)
    if comment is None or not moderator.may_see(comment.site_id):
        raise NotFound("There is no such comment.")
    listing = f"reports {public_id}"
    rows = work.reports.of_comment(comment.id, position_of(service, cursor, listing) or 0, limit + 1)
    page = rows[:limit]
    following = cursor_of(service, page[-1].id, listing) if len(rows) > limit else None
    objections = [reports.objection(row) for row in work.objections.of_comment(comment.id)]
    opened = [unseen.report_for(moderator, reports.opened(row, service.address_keys)) for row in page]
    return opened, objections, following


def open_matters(
    service: Service, work: UnitOfWork, moderator: Moderator, listed: Sequence[ModeratedComment]
) -> dict[str, OpenMatters]:
    """Give what nobody looked at yet of those of *listed* comments that have it, by their ids."""
    ids = [comment.id for comment in listed]
    matters: dict[str, OpenMatters] = {}
    for comment, row in work.reports.open_of(ids, MOST_REPORTS):
        matters.setdefault(comment, OpenMatters([], [])).reports.append(
            unseen.report_for(moderator, reports.opened(row, service.address_keys))
        )
    for comment, objection in work.objections.open_of(ids):
        matters.setdefault(comment, OpenMatters([], [])).objections.append(reports.objection(objection))
    return matters


def decisions_of_year(
    service: Service, moderator: Moderator, site: Site | None, year: int
) -> Iterator[Decision]:
    """Give all decisions of that year (UTC), oldest first, read a part at a time as they are asked for.

    :raises Forbidden: the site is not this moderator's; before the first is asked for.
    """
    decisions = _decisions_of_year(service, sites_of(moderator, site), year)
    return (unseen.decision_for(moderator, one) for one in decisions)


def _decisions_of_year(service: Service, sites: frozenset[int] | None, year: int) -> Iterator[Decision]:
    since, until = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    after = 0
    while True:
        with service.reading() as work:
            lines = work.decisions.between(sites, since, until, after, READ_AT_ONCE)
        yield from (decision for _, decision in lines)
        if len(lines) < READ_AT_ONCE:
            return
        after = lines[-1][0]
