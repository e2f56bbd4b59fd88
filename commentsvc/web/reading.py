"""Reading as JSON and as feeds: open to all, cacheable."""

from __future__ import annotations

from flask import Blueprint, Response

from commentsvc.actions import read
from commentsvc.actions.read import FeedEntry
from commentsvc.model import Site
from commentsvc.publishing import feeds
from commentsvc.publishing.public import permalink, thread_address
from commentsvc.web import current, parameters
from commentsvc.web.caching import cacheable
from commentsvc.web.wire import Counts, public_json

reading = Blueprint("reading", __name__)


@reading.before_request
def spend_read() -> None:
    """Every answer here is rendered, and counted as such."""
    current.limits().spend_read()


@reading.get("/api/v1/thread")
def thread() -> Response:
    """One page of a thread."""
    page = read.thread_page(
        current.service(), parameters.site(), parameters.article(), parameters.page_request()
    )
    return public_json(page)


@reading.get("/api/v1/comments/<comment>")
def comment(comment: str) -> Response:
    """One public comment."""
    return public_json(read.comment(current.service(), comment))


@reading.get("/api/v1/counts")
def counts() -> Response:
    """The number of public comments of up to 200 articles."""
    return public_json(Counts(read.counts(parameters.site(), parameters.articles())))


@reading.get("/feeds/thread.atom")
def thread_feed() -> Response:
    """The latest comments of one article."""
    site, article = parameters.site(), parameters.article()
    entries = read.newest(current.service(), site, article)
    title = read.thread_facts(site, article).title or article
    base_url = current.service().settings.base_url
    page = thread_address(base_url, site.slug, article)
    return _feed(
        site, page.replace("/thread?", "/feeds/thread.atom?", 1), f"Comments on {title}", page, entries
    )


@reading.get("/feeds/site.atom")
def site_feed() -> Response:
    """The latest comments of a whole site."""
    site = parameters.site()
    base_url = current.service().settings.base_url
    query = "" if site.slug == "default" else f"?site={site.slug}"
    entries = read.newest(current.service(), site, None)
    return _feed(site, f"{base_url}/feeds/site.atom{query}", f"Comments of {site.slug}", None, entries)


def _feed(site: Site, feed_url: str, title: str, page_url: str | None, entries: list[FeedEntry]) -> Response:
    base_url = current.service().settings.base_url
    shown = [_entry(entry, thread_address(base_url, site.slug, entry.article)) for entry in entries]
    return cacheable(feeds.atom(feed_url, title, page_url, base_url, shown), feeds.CONTENT_TYPE)


def _entry(entry: FeedEntry, thread: str) -> feeds.Entry:
    parent = entry.comment.parent
    return feeds.Entry(
        entry.comment, entry.title or entry.article, thread, permalink(thread, parent) if parent else None
    )
