"""Read threads and comments; nothing is written, not even for an article never seen.

All is read in a unit of work of who asks, so that a page and its version are of one state of the database.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from commentsvc.errors import Invalid, NotFound
from commentsvc.intake.articles import is_article_of
from commentsvc.model import Order, PublicComment, Site, ThreadFacts, ThreadPage
from commentsvc.publishing.public import public_comment, thread_url
from commentsvc.records import PublicRow, StoredThread, ThreadRef
from commentsvc.service import Service
from commentsvc.storage.unit_of_work import UnitOfWork
from commentsvc.threads import cursors, places

MAX_PAGE = 200
DEFAULT_PAGE = 100
FEED_ENTRIES = 50


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


def thread_page(
    service: Service, work: UnitOfWork, site: Site, article: str, wanted: PageRequest
) -> ThreadPage:
    """Give one page of an article's thread; an article nobody commented on has an empty one.

    :raises Invalid: the cursor does not belong to this thread and order.
    """
    thread = work.threads.find(site.id, article)
    if thread is None:
        if wanted.cursor is not None:
            raise _bad_cursor()
        return ThreadPage(site.slug, article, None, None, is_article_of(site, article), 0, (), None)
    rows = _rows_of(service, work, thread, wanted)
    shown = rows[: wanted.limit]
    following = None
    if len(rows) > wanted.limit:
        last = shown[-1]
        key = service.keys.derive("cursor", 64)
        following = cursors.seal(f"{last.root_seq} {last.path}", _listing(thread, wanted.order), key)
    address = thread_url(service.settings.base_url, site.slug, article)
    return ThreadPage(
        site=site.slug,
        article=article,
        title=thread.title,
        url=thread.url,
        open=thread.open and is_article_of(site, article),
        count=thread.count,
        comments=tuple(public_comment(row, address) for row in shown),
        next=following,
    )


def _rows_of(
    service: Service, work: UnitOfWork, thread: StoredThread, wanted: PageRequest
) -> list[PublicRow]:
    """The page's rows and one more, which tells that there is a next page."""
    many = wanted.limit + 1
    if wanted.cursor is not None:
        after = _position(service, thread, wanted)
        return work.comments.page(thread.id, wanted.order, many, after)
    first = work.comments.page(thread.id, wanted.order, many, None)
    if wanted.around is None or _holds(first[: wanted.limit], wanted.around):
        return first
    place = work.comments.place_of(thread.id, wanted.around)
    if place is None:
        return first
    # Begin at the root, to show what is answered; far below one, at the comment itself.
    root = (place[0], place[1][: places.SEGMENT])
    from_root = work.comments.page(thread.id, wanted.order, many, root, including=True)
    if _holds(from_root[: wanted.limit], wanted.around):
        return from_root
    return work.comments.page(thread.id, wanted.order, many, place, including=True)


def _holds(rows: Sequence[PublicRow], public_id: str) -> bool:
    return any(row.public_id == public_id for row in rows)


def _position(service: Service, thread: StoredThread, wanted: PageRequest) -> tuple[int, str]:
    try:
        key = service.keys.derive("cursor", 64)
        position = cursors.unseal(wanted.cursor or "", _listing(thread, wanted.order), key)
    except cursors.BadCursor:
        raise _bad_cursor() from None
    root_seq, path = position.split(" ")
    return int(root_seq), path


def _listing(thread: StoredThread, order: Order) -> str:
    return f"thread {thread.id} {order}"


def _bad_cursor() -> Invalid:
    return Invalid({"cursor": ["This cursor does not belong to this list; begin again without one."]})


def comment(service: Service, work: UnitOfWork, public_id: str) -> PublicComment:
    """Give one public comment.

    :raises NotFound: there is none of that id, or it is not public.
    """
    found = work.comments.public_one(public_id)
    if found is None:
        raise NotFound("There is no public comment of that id.")
    row, where = found
    return public_comment(row, _thread_of(service, where))


def comment_of_thread(
    service: Service, work: UnitOfWork, site: str, article: str, public_id: str
) -> PublicComment | None:
    """Give one public comment if it belongs to that thread."""
    found = work.comments.public_one(public_id)
    if found is None or (found[1].site, found[1].article) != (site, article):
        return None
    return public_comment(found[0], _thread_of(service, found[1]))


def thread_facts(work: UnitOfWork, site: Site, article: str) -> ThreadFacts:
    """Give an article's thread without its comments."""
    thread = work.threads.find(site.id, article)
    if thread is None:
        return ThreadFacts(site.slug, article, None, None, is_article_of(site, article), 0)
    is_open = thread.open and is_article_of(site, article)
    return ThreadFacts(site.slug, article, thread.title, thread.url, is_open, thread.count)


def newest(service: Service, work: UnitOfWork, site: Site, article: str | None) -> list[FeedEntry]:
    """Give the latest public comments of a site, or of one article, newest first."""
    thread_id = None
    if article is not None:
        thread = work.threads.find(site.id, article)
        if thread is None:
            return []
        thread_id = thread.id
    return [
        FeedEntry(public_comment(row, _thread_of(service, where)), where.article, where.title)
        for row, where in work.comments.newest(site.id, thread_id, FEED_ENTRIES)
    ]


def _thread_of(service: Service, where: ThreadRef) -> str:
    return thread_url(service.settings.base_url, where.site, where.article)
