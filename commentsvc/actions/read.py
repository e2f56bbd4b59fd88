"""Read threads and comments; nothing is written, not even for an article never seen.

All is read in a unit of work of the one who asks. What a cached answer is made from is `Versioned`: value and version
are of one state of the database.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from commentsvc.cache import versions
from commentsvc.errors import Invalid, NotFound
from commentsvc.intake.articles import is_article_of
from commentsvc.messages import message
from commentsvc.model import (
    Order,
    PublicComment,
    Site,
    Subject,
    ThreadFacts,
    ThreadPage,
    Versioned,
    WatchedThread,
)
from commentsvc.publishing.public import public_comment, thread_url
from commentsvc.records import PublicRow, StoredThread, ThreadRef
from commentsvc.service import Service
from commentsvc.storage.look_ups import FEED_ENTRIES
from commentsvc.storage.unit_of_work import UnitOfWork
from commentsvc.threads import cursors, pages, places

MAX_PAGE = 200
DEFAULT_PAGE = 100

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page of a thread: after *cursor*, or the one on which the comment *around* stands."""

    order: Order = Order.OLDEST
    limit: int = DEFAULT_PAGE
    cursor: str | None = None
    around: str | None = None


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """A public comment as a feed shows it, with the article it belongs to."""

    comment: PublicComment
    article: str
    title: str | None


@dataclass(frozen=True, slots=True)
class Feed:
    """The latest public comments of a site or of one article, newest first.

    *title* is the thread's, where it has one, and *article* the ID that it has now.
    """

    article: str | None
    title: str | None
    entries: tuple[FeedEntry, ...]


def thread_page(
    service: Service, work: UnitOfWork, site: Site, article: str, request: PageRequest
) -> Versioned[ThreadPage]:
    """Give one page of an article's thread; an article nobody commented on has an empty one.

    :raises Invalid: the cursor does not belong to this thread and order.
    """
    subject = versions.of_thread(site.id, article)
    return service.versioned(
        work, subject, lambda source: _thread_page(service, source, site, article, request)
    )


def watched_thread(service: Service, work: UnitOfWork, site: Site, article: str) -> WatchedThread:
    """Give an article's thread as one who is to be told of its changes sees it now."""
    state = service.versions.state_within(work, site.id, article)
    return WatchedThread(site.id, site.slug, article, state)


def _thread_page(
    service: Service, work: UnitOfWork, site: Site, article: str, request: PageRequest
) -> ThreadPage:
    thread = work.threads.find(site.id, article)
    if thread is None:
        if request.cursor is not None:
            raise _bad_cursor()
        return ThreadPage(site.slug, article, None, None, is_article_of(site, article), None, 0, (), None)
    rows = _rows_of(service, work, site, thread, request)
    page_rows = rows[: request.limit]
    following = None
    if len(rows) > request.limit:
        last = page_rows[-1]
        key = service.keys.derive("cursor", 64)
        following = cursors.seal(last.public_id, _listing(site, request.order), key)
    address = thread_url(service.settings.base_url, site.slug, thread.article)
    return ThreadPage(
        site=site.slug,
        article=thread.article,
        title=thread.title,
        url=thread.url,
        open=is_open(site, thread),
        slow_mode_seconds=thread.slow_mode_seconds,
        count=thread.count,
        comments=tuple(public_comment(row, address, thread.marks) for row in page_rows),
        next=following,
    )


def is_open(site: Site, thread: StoredThread) -> bool:
    """Whether readers are told that *thread*, of that site, takes comments."""
    return thread.is_open and is_article_of(site, thread.article)


def _rows_of(
    service: Service, work: UnitOfWork, site: Site, thread: StoredThread, request: PageRequest
) -> list[PublicRow]:
    """The page's rows and one more, which tells that there is a next page."""
    many = request.limit + 1
    if request.cursor is not None:
        after = _position(service, work, site, thread, request)
        return pages.page(work, thread, request.order, many, after)
    first = pages.page(work, thread, request.order, many, None)
    if request.around is None or _holds(first[: request.limit], request.around):
        return first
    place = work.public_comments.place_of(thread.id, request.around)
    if place is None:
        return first
    # Begin at the root, to show what is answered; far below one, at the comment itself.
    root = (place[0], place[1][: places.SEGMENT])
    from_root = pages.page(work, thread, request.order, many, root, including=True)
    if _holds(from_root[: request.limit], request.around):
        return from_root
    return pages.page(work, thread, request.order, many, place, including=True)


def _holds(rows: Sequence[PublicRow], public_id: str) -> bool:
    return any(row.public_id == public_id for row in rows)


def _position(
    service: Service, work: UnitOfWork, site: Site, thread: StoredThread, request: PageRequest
) -> tuple[int, str]:
    """Where the comment stands that the cursor names: wherever it was when the cursor was made."""
    cursor, keys = request.cursor or "", service.keys.derive_each("cursor", 64)
    try:
        named = cursors.unseal_any(cursor, _listing(site, request.order), keys)
    except cursors.BadCursor:
        return _older_position(cursor, thread, request.order, keys)
    place = work.public_comments.place_in(thread.id, named)
    if place is None:
        raise _bad_cursor()
    return place


def _older_position(
    cursor: str, thread: StoredThread, order: Order, keys: Sequence[bytes]
) -> tuple[int, str]:
    """The place itself, which cursors held before there were pins: pages that were open at an upgrade have such ones."""
    try:
        position = cursors.unseal_any(cursor, f"thread {thread.id} {order}", keys)
    except cursors.BadCursor:
        raise _bad_cursor() from None
    root_seq, path = position.split(" ")
    return int(root_seq), path


def _listing(site: Site, order: Order) -> str:
    """The threads of a site are one listing: a comment that a cursor names may come into another of them."""
    return f"threads of {site.id} {order}"


def _bad_cursor() -> Invalid:
    return Invalid(
        {"cursor": [message("This cursor does not belong to this list; begin again without one.")]}
    )


def comment(service: Service, work: UnitOfWork, public_id: str) -> Versioned[PublicComment]:
    """Give one public comment.

    :raises NotFound: no such id, or it is not public.
    """
    return service.versioned(
        work, versions.of_comment(public_id), lambda source: _comment(service, source, public_id)
    )


def _comment(service: Service, work: UnitOfWork, public_id: str) -> PublicComment:
    located = work.public_comments.one(public_id)
    if located is None:
        raise NotFound("There is no public comment of that id.")
    row, where = located
    return public_comment(row, _thread_of(service, where), where.marks)


def counts(
    service: Service, work: UnitOfWork, site: Site, articles: Sequence[str]
) -> Versioned[dict[str, int]]:
    """Give the number of public comments of each article; their version consists of these numbers."""
    subject = versions.of_counts(site.id, articles)
    version = service.versions.within(work, subject)
    return Versioned(dict.fromkeys(articles, 0) | versions.counts(version), subject, version)


def comment_of_thread(
    service: Service, work: UnitOfWork, site: Site, article: str, public_id: str
) -> PublicComment | None:
    """Give one public comment if it belongs to that thread, to be shown on a page for one reader."""
    located = work.public_comments.one(public_id)
    if located is None:
        return None
    row, where = located
    if where.site != site.slug or where.article != article_named(work, site, article):
        return None
    return public_comment(row, _thread_of(service, where), where.marks)


def thread_state(service: Service, work: UnitOfWork, site: Site, article: str) -> Versioned[None]:
    """The version of a thread alone, for what was rendered before."""
    return _versioned(service, work, None, versions.of_thread(site.id, article))


def article_named(work: UnitOfWork, site: Site, article: str) -> str:
    """The article ID that the thread of *article* has now."""
    thread = work.threads.find(site.id, article)
    return article if thread is None else thread.article


def takes_article(work: UnitOfWork, site: Site, article: str) -> bool:
    """Whether *site* has such an article, by the ID that its thread has now: an older one is still on the publisher's page."""
    return not site.articles or is_article_of(site, article_named(work, site, article))


def thread_facts(work: UnitOfWork, site: Site, article: str) -> ThreadFacts:
    """Give an article's thread without its comments, to be shown around them."""
    thread = work.threads.find(site.id, article)
    if thread is None:
        return ThreadFacts(site.slug, article, None, None, is_article_of(site, article), 0)
    return facts_of(site, thread)


def facts_of(site: Site, thread: StoredThread) -> ThreadFacts:
    """What *thread*, of that site, is without its comments."""
    return ThreadFacts(
        site.slug,
        thread.article,
        thread.title,
        thread.url,
        is_open(site, thread),
        thread.count,
        thread.close_after_days,
        thread.slow_mode_seconds,
    )


def thread_feed(service: Service, work: UnitOfWork, site: Site, article: str) -> Versioned[Feed]:
    """Give the latest public comments of an article."""
    subject = versions.of_thread(site.id, article)
    return service.versioned(work, subject, lambda source: _thread_feed(service, source, site, article))


def _thread_feed(service: Service, work: UnitOfWork, site: Site, article: str) -> Feed:
    thread = work.threads.find(site.id, article)
    if thread is None:
        return Feed(article, None, ())
    return Feed(thread.article, thread.title, _newest(service, work, site, thread.id))


def site_feed(service: Service, work: UnitOfWork, site: Site) -> Versioned[Feed]:
    """Give the latest public comments of a site."""
    return service.versioned(
        work, versions.of_site(site.id), lambda source: Feed(None, None, _newest(service, source, site, None))
    )


def _newest(service: Service, work: UnitOfWork, site: Site, thread_id: int | None) -> tuple[FeedEntry, ...]:
    return tuple(
        FeedEntry(public_comment(row, _thread_of(service, where), where.marks), where.article, where.title)
        for row, where in work.public_comments.newest(site.id, thread_id, FEED_ENTRIES)
    )


def _versioned(service: Service, work: UnitOfWork, value: T, subject: Subject) -> Versioned[T]:
    """Give *value* with the version that its subject has in the state of the database it was read from."""
    return Versioned(value, subject, service.versions.within(work, subject))


def _thread_of(service: Service, where: ThreadRef) -> str:
    return thread_url(service.settings.base_url, where.site, where.article)
