"""Reading as JSON and as feeds: open to all, cacheable."""

from __future__ import annotations

from flask import Blueprint, Response

from commentsvc.actions import read
from commentsvc.actions.read import Feed, FeedEntry
from commentsvc.model import PublicComment, Site, ThreadPage, Versioned
from commentsvc.publishing import feeds
from commentsvc.publishing.feeds import CONTENT_TYPE as ATOM
from commentsvc.publishing.json_feed import CONTENT_TYPE as JSON_FEED
from commentsvc.publishing.json_feed import json_feed
from commentsvc.publishing.public import permalink, thread_url
from commentsvc.web import context, parameters
from commentsvc.web.descriptions import ARTICLE, ARTICLES, PAGE, SITE, described
from commentsvc.web.responses import cacheable
from commentsvc.web.schemas import Counts, public_json

reading = Blueprint("reading", __name__)


@reading.get("/api/v1/thread")
@described("Reading", {200: ThreadPage}, [ARTICLE, SITE, *PAGE], refusals=(404, 422, 429))
def thread() -> Response:
    """One page of a thread."""
    site, article, page = parameters.site(), parameters.article(), parameters.page_request()
    return public_json(read.thread_page(context.service(), context.reading(), site, article, page))


@reading.get("/api/v1/comments/<comment>")
@described("Reading", {200: PublicComment}, refusals=(404, 429))
def comment(comment: str) -> Response:
    """One public comment."""
    return public_json(read.comment(context.service(), context.reading(), comment))


@reading.get("/api/v1/counts")
@described("Reading", {200: Counts}, [ARTICLES, SITE], refusals=(404, 422, 429))
def counts() -> Response:
    """The number of public comments of up to 200 articles."""
    site, articles = parameters.site(), parameters.articles()
    return public_json(read.counts(context.service(), context.reading(), site, articles).map(Counts))


@reading.get("/feeds/thread.atom")
@described("Reading", {200: ATOM}, [ARTICLE, SITE], refusals=(404, 422, 429))
def thread_feed() -> Response:
    """The latest comments of one article."""
    return _thread_feed("atom")


@reading.get("/feeds/thread.json")
@described("Reading", {200: JSON_FEED}, [ARTICLE, SITE], refusals=(404, 422, 429))
def thread_json_feed() -> Response:
    """The latest comments of one article, as JSON Feed 1.1."""
    return _thread_feed("json")


@reading.get("/feeds/site.atom")
@described("Reading", {200: ATOM}, [SITE], refusals=(404, 429))
def site_feed() -> Response:
    """The latest comments of a whole site."""
    return _site_feed("atom")


@reading.get("/feeds/site.json")
@described("Reading", {200: JSON_FEED}, [SITE], refusals=(404, 429))
def site_json_feed() -> Response:
    """The latest comments of a whole site, as JSON Feed 1.1."""
    return _site_feed("json")


def _thread_feed(form: str) -> Response:
    site, article = parameters.site(), parameters.article()
    feed = read.thread_feed(context.service(), context.reading(), site, article)
    article = feed.value.article or article
    page = thread_url(context.service().settings.base_url, site.slug, article)
    url = feeds.thread_feed_url(context.service().settings.base_url, site.slug, article, form)
    return _feed(form, feed, site, url, f"Comments on {feed.value.title or article}", page)


def _site_feed(form: str) -> Response:
    site = parameters.site()
    url = feeds.site_feed_url(context.service().settings.base_url, site.slug, form)
    feed = read.site_feed(context.service(), context.reading(), site)
    return _feed(form, feed, site, url, f"Comments of {site.slug}", None)


def _feed(form: str, feed: Versioned[Feed], site: Site, url: str, title: str, page: str | None) -> Response:
    settings = context.service().settings
    base_url, hub = settings.base_url, settings.websub_hub
    entries = [_entry(entry, thread_url(base_url, site.slug, entry.article)) for entry in feed.value.entries]
    made, content_type = (json_feed, JSON_FEED) if form == "json" else (feeds.atom, ATOM)
    response = cacheable(feed, made(url, title, page, entries, hub), content_type)
    if hub is not None:  # WebSub §4: where a subscriber looks first, and the one place where it looks in JSON
        response.headers["Link"] = f'<{hub}>; rel="hub", <{url}>; rel="self"'
    return response


def _entry(entry: FeedEntry, thread: str) -> feeds.Entry:
    parent = entry.comment.parent
    return feeds.Entry(
        entry.comment, entry.title or entry.article, thread, permalink(thread, parent) if parent else None
    )
