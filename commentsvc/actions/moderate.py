"""What a moderator can do besides deciding: list, count, look back, open and close threads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from commentsvc.access.permissions import require
from commentsvc.actions import closing
from commentsvc.actions.move import Merge, move
from commentsvc.actions.read import facts_of
from commentsvc.actions.slow_mode import LONGEST_SECONDS
from commentsvc.audit.trail import Kind, record
from commentsvc.errors import Forbidden, Invalid, NotFound
from commentsvc.intake.articles import NO_SUCH_ARTICLE, is_article_of
from commentsvc.intake.fields import read_web_address, spelling_of_email
from commentsvc.messages import message
from commentsvc.model import (
    Decision,
    ModeratedComment,
    Moderator,
    Order,
    Permission,
    Site,
    State,
    ThreadFacts,
)
from commentsvc.moderation import addresses, queue, unseen
from commentsvc.moderation.networks import network_named
from commentsvc.privacy.sealing import lookups
from commentsvc.publishing.public import permalink, thread_url
from commentsvc.records import Filter, Lookups, StoredThread
from commentsvc.service import Service
from commentsvc.storage.look_ups import FEED_ENTRIES
from commentsvc.storage.retries import retried
from commentsvc.storage.unit_of_work import UnitOfWork
from commentsvc.threads import cursors
from commentsvc.threads.lifecycle import show_change
from commentsvc.unicode_text import is_line

LONGEST_TITLE = 300


@dataclass(frozen=True, slots=True)
class QueueRequest:
    """Which comments a moderator asks for."""

    states: tuple[State, ...] = ()
    site: Site | None = None
    article: str | None = None
    words: str | None = None
    email: str | None = None
    email_of: str | None = None  # a comment: all that came from its address
    network: str | None = None
    author: str | None = None
    check: str | None = None  # one that found something
    reported: bool = False  # those with open reports alone
    links: bool = False  # those with links alone
    since: datetime | None = None
    until: datetime | None = None
    order: Order = Order.OLDEST
    limit: int = 50
    cursor: str | None = None


def list_queue(
    service: Service, work: UnitOfWork, moderator: Moderator, request: QueueRequest
) -> tuple[list[ModeratedComment], str | None]:
    """Give a page of comments and the cursor of the next; a page may be short, even empty, while more follow.

    :raises Forbidden: the site is not this moderator's, or an address is looked for that this one may not see.
    :raises NotFound: there is no comment whose address could be looked for.
    :raises Invalid: the cursor does not belong to this list, or the network is none of the size that is kept.
    """
    filters = filters_of(service, work, moderator, request)
    listing = f"queue {request.order}"
    after = position_of(service, request.cursor, listing)
    page, more = queue.listed(work, filters, after, request.limit, service.address_keys, permalinks(service))
    page = [unseen.comment_for(moderator, comment) for comment in page]
    return page, None if more is None else cursor_of(service, more, listing)


def latest_waiting(service: Service, work: UnitOfWork, moderator: Moderator) -> list[ModeratedComment]:
    """Give the latest comments that wait for a moderator on this one's sites, without addresses, the newest first.

    :raises Forbidden: this one does not follow what waits.
    """
    require(moderator, Permission.FOLLOW)
    filters = Filter(sites=moderator.sites, states=(State.PENDING,), newest_first=True)
    page, _ = queue.listed(work, filters, None, FEED_ENTRIES, service.address_keys, permalinks(service))
    return [unseen.comment_for(moderator, comment) for comment in page]


def filters_of(service: Service, work: UnitOfWork, moderator: Moderator, request: QueueRequest) -> Filter:
    """What storage is asked for, of this moderator's sites alone.

    :raises Forbidden, NotFound, Invalid: as `list_queue` does.
    """
    return Filter(
        sites=sites_of(moderator, request.site),
        states=request.states,
        article=request.article,
        words=request.words,
        lookups=_lookups(service, work, moderator, request),
        networks=_networks(service, moderator, request),
        author=request.author,
        check=request.check,
        reported=request.reported,
        links=request.links,
        since=request.since,
        until=request.until,
        newest_first=request.order is Order.NEWEST,
    )


def count_states(work: UnitOfWork, moderator: Moderator, site: Site | None) -> dict[State, int]:
    """Give how many comments are in each state, on one site or on all of this moderator's.

    :raises Forbidden: the site is not this moderator's.
    """
    return work.counts.by_state(sites_of(moderator, site))


def _lookups(
    service: Service, work: UnitOfWork, moderator: Moderator, request: QueueRequest
) -> Lookups | None:
    """By what the comments of one address are found, if they are asked for."""
    if request.email or request.email_of:
        require(moderator, Permission.SEE_ADDRESSES)
    if request.email:
        return lookups(spelling_of_email(request.email), service.address_keys)
    if not request.email_of:
        return None
    comment = work.comments.by_public_id(request.email_of)
    found_by = addresses.lookups_of(work, comment.id, service.address_keys) if comment else None
    if comment is None or found_by is None or not moderator.may_see(comment.site_id):
        raise NotFound(message("There is no such comment any more."))
    return found_by


def _networks(service: Service, moderator: Moderator, request: QueueRequest) -> Lookups | None:
    """By what the comments of one network are found, if they are asked for."""
    if not request.network:
        return None
    require(moderator, Permission.SEE_ADDRESSES)
    try:
        return lookups(network_named(request.network), service.address_keys)
    except ValueError as wrong:
        raise Invalid({"network": [str(wrong)]}) from None


def permalinks(service: Service) -> queue.PermalinkOf:
    """Give what tells the address of a comment."""

    def permalink_of(site: str, article: str, comment: str) -> str:
        return permalink(thread_url(service.settings.base_url, site, article), comment)

    return permalink_of


def sites_of(moderator: Moderator, site: Site | None) -> frozenset[int] | None:
    """The sites that a moderator's request is about; None for all.

    :raises Forbidden: it names one that is not this moderator's.
    """
    if site is None:
        return moderator.sites
    if not moderator.may_see(site.id):
        raise Forbidden(message("The site “%(site)s” is not yours to moderate.", site=site.slug))
    return frozenset({site.id})


def audit_log(
    service: Service,
    work: UnitOfWork,
    moderator: Moderator,
    site: Site | None,
    comment: str | None,
    limit: int,
    cursor: str | None,
) -> tuple[list[Decision], str | None]:
    """Give a page of the audit log, newest first, and the cursor of the next.

    :raises Forbidden, Invalid: as `list_queue` does.
    """
    before = position_of(service, cursor, "log")
    rows = work.decisions.latest(sites_of(moderator, site), comment, before, limit + 1)
    page = rows[:limit]
    following = cursor_of(service, page[-1][0], "log") if len(rows) > limit else None
    return [unseen.decision_for(moderator, decision) for _, decision in page], following


@retried
def change_thread(
    service: Service,
    moderator: Moderator,
    site: Site,
    article: str,
    changes: dict[str, Any],
    rename_to: str | None = None,
    *,
    may_merge: bool = False,
) -> ThreadFacts | Merge:
    """Open or close a thread, set its title and address, when it closes, or slow mode; one that is not there is made.

    With *rename_to* it becomes that of another article, or is merged with the thread that there is; long ones by a job,
    for which the `Merge` is given.

    To open one that time has closed ends that: it closes by time again once days are set again.

    :raises Forbidden: the site is not this moderator's, or this one decides nothing.
    :raises Invalid: a value cannot be one; or the site has no such article, and no such thread.
    :raises NotFound: there is no thread to rename.
    :raises ArticleTaken: the other article has a thread, and they are not to be merged.
    """
    require(moderator, Permission.DECIDE)
    sites_of(moderator, site)
    errors: dict[str, list[str]] = {}
    if (title := changes.get("title")) and (len(title) > LONGEST_TITLE or not is_line(title)):
        errors["title"] = [f"A title is one line of at most {LONGEST_TITLE} characters."]
    if url := changes.get("url"):
        try:
            read_web_address(url)
        except ValueError as wrong:
            errors["url"] = [str(wrong)]
    for name, most in (("close_after_days", closing.LONGEST_DAYS), ("slow_mode_seconds", LONGEST_SECONDS)):
        if (number := changes.get(name)) is not None and not 0 <= number <= most:
            errors[name] = [f"This is a number from 0 to {most}, or null."]
    if errors:
        raise Invalid(errors)
    with service.unit_of_work() as work:
        if work.threads.find(site.id, article) is None:
            if rename_to is not None:
                raise NotFound(message("There is no thread of this article."))
            if not is_article_of(site, article):
                raise Invalid({"article": [NO_SUCH_ARTICLE]})
        thread = work.threads.open_for_writing(site.id, article)
        _apply(work, site, thread, changes, service.now())
        after = work.threads.by_id(thread.id)
        if after != thread:
            show_change(work, thread.id, service.now())
            _record_change(service, work, moderator, facts_of(site, thread), facts_of(site, after))
        if rename_to is None:
            return facts_of(site, after)
        asked = move(service, work, moderator, site, after, rename_to, may_merge=may_merge)
        if asked is not None:
            return asked
        moved = work.threads.find(site.id, rename_to)
        assert moved is not None  # noqa: S101 - it was just made that of this article
        return facts_of(site, moved)


def _apply(
    work: UnitOfWork, site: Site, thread: StoredThread, changes: dict[str, Any], now: datetime
) -> None:
    simple = {name: changes[name] for name in ("open",) if name in changes}
    simple |= {
        name: changes[name] or None for name in ("title", "url", "slow_mode_seconds") if name in changes
    }
    if simple:
        work.threads.describe(thread.id, **simple)
    if "close_after_days" in changes:
        closing.plan(work, site, thread, changes["close_after_days"], now)
    elif changes.get("open") and thread.open and thread.is_closed_at(now):  # by time
        work.threads.describe(thread.id, closes_at=None, expired=False, reopened=True)


def _record_change(
    service: Service, work: UnitOfWork, moderator: Moderator, before: ThreadFacts, after: ThreadFacts
) -> None:
    """Write down which of a thread's facts changed; titles and addresses stand in the thread itself."""
    named = ("open", "title", "url", "close_after_days", "slow_mode_seconds")
    changed = [name for name in named if getattr(before, name) != getattr(after, name)]
    where = {"site": after.site, "article": after.article}
    record(work, service, moderator.actor, Kind.THREAD_CHANGED, **where, changed=changed, open=after.open)


def cursor_of(service: Service, row_id: int, listing: str) -> str:
    """Give the cursor that leads behind a row of *listing*."""
    return cursors.seal(str(row_id), listing, service.keys.derive("cursor", 64))


def position_of(service: Service, cursor: str | None, listing: str) -> int | None:
    """Give the row that *cursor* leads behind.

    :raises Invalid: it does not belong to *listing*.
    """
    if cursor is None:
        return None
    try:
        return int(cursors.unseal_any(cursor, listing, service.keys.derive_each("cursor", 64)))
    except cursors.BadCursor as wrong:
        raise Invalid({"cursor": [str(wrong)]}) from None
