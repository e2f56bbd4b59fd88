"""Reading as JSON and as feeds: open to all, cacheable."""

from __future__ import annotations

from flask import Blueprint, Response

from commentsvc.actions import read
from commentsvc.actions.read import FeedEntry
from commentsvc.cache import versions
from commentsvc.model import Site
from commentsvc.publishing import feeds
from commentsvc.publishing.public import permalink, thread_url
from commentsvc.web import context, parameters
from commentsvc.web.responses import cacheable
from commentsvc.web.schemas import Counts, public_json

reading = Blueprint("reading", __name__)


@reading.get("/api/v1/thread")
def thread() -> Response:
    """One page of a thread."""
    site, article, wanted = parameters.site(), parameters.article(), parameters.page_request()
    page = read.thread_page(context.service(), context.reading(), site, article, wanted)
    return public_json(page, versions.of_thread(site.id, article))


@reading.get("/api/v1/comments/<comment>")
def comment(comment: str) -> Response:
    """One public comment."""
    return public_json(
        read.comment(context.service(), context.reading(), comment), versions.of_comment(comment)
    )


@reading.get("/api/v1/counts")
def counts() -> Response:
    """The number of public comments of up to 200 articles."""
    site, articles = parameters.site(), parameters.articles()
    subject = versions.of_counts(site.id, articles)
    version = context.versions().within(context.reading(), subject)
    return public_json(Counts(dict.fromkeys(articles, 0) | versions.counts(version)), subject, version)


@reading.get("/feeds/thread.atom")
def thread_feed() -> Response:
    """The latest comments of one article."""
    site, article = parameters.site(), parameters.article()
    entries = read.newest(context.service(), context.reading(), site, article)
    title = read.thread_facts(context.reading(), site, article).title or article
    page = thread_url(context.service().settings.base_url, site.slug, article)
    address = page.replace("/thread?", "/feeds/thread.atom?", 1)
    xml = _feed(site, address, f"Comments on {title}", page, entries)
    return cacheable(xml, feeds.CONTENT_TYPE, versions.of_thread(site.id, article))


@reading.get("/feeds/site.atom")
def site_feed() -> Response:
    """The latest comments of a whole site."""
    site = parameters.site()
    query = "" if site.slug == "default" else f"?site={site.slug}"
    address = f"{context.service().settings.base_url}/feeds/site.atom{query}"
    entries = read.newest(context.service(), context.reading(), site, None)
    xml = _feed(site, address, f"Comments of {site.slug}", None, entries)
    return cacheable(xml, feeds.CONTENT_TYPE, versions.of_site(site.id))


def _feed(site: Site, address: str, title: str, page: str | None, entries: list[FeedEntry]) -> bytes:
    base_url = context.service().settings.base_url
    shown = [_entry(entry, thread_url(base_url, site.slug, entry.article)) for entry in entries]
    return feeds.atom(address, title, page, base_url, shown)


def _entry(entry: FeedEntry, thread: str) -> feeds.Entry:
    parent = entry.comment.parent
    return feeds.Entry(
        entry.comment, entry.title or entry.article, thread, permalink(thread, parent) if parent else None
    )
