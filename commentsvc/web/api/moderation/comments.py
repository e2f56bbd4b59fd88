"""Comments as their moderators see them, and how many there are."""

from __future__ import annotations

from typing import Literal

from flask import Response
from msgspec import Struct

from commentsvc.actions import moderate, reported
from commentsvc.model import Order, State
from commentsvc.web import auth, context, parameters
from commentsvc.web.api.moderation.blueprint import moderating
from commentsvc.web.descriptions import ANY_SITE, ARTICLE, CURSOR, LIMIT, MODERATION, described, query
from commentsvc.web.moderation import fields_of, queue_request, site_if_named
from commentsvc.web.schemas import (
    Queue,
    StateCounts,
    private_json,
)


class CommentFilter(Struct):
    """Which comments are meant: what the query of their list may say."""

    state: list[State] | State | None = None
    site: str | None = None
    article: str | None = None
    q: str | None = None
    email: str | None = None
    email_of: str | None = None
    network: str | None = None
    author: str | None = None
    check: str | None = None
    reported: bool | Literal["0", "1"] | None = None
    links: bool | Literal["0", "1"] | None = None
    since: str | None = None
    until: str | None = None
    order: Order | None = None


class SearchRequest(CommentFilter):
    """Which comments to list, and which page of them."""

    limit: int | None = None
    cursor: str | None = None


@moderating.get("/comments")
@described(
    answers={200: Queue},
    parameters=[
        query("state", {"type": "array", "items": {"enum": list(State)}}, "All states unless named."),
        ANY_SITE,
        ARTICLE | {"required": False},
        query("q", {"type": "string"}, "In the text or the name."),
        query("email", {"type": "string"}, "Exactly this address, in any case; better sent to /search."),
        query("email_of", {"type": "string"}, "A comment: all that came from its address."),
        query(
            "network",
            {"type": "string"},
            "An IPv4 /24, an IPv6 /48, or an address in it; better sent to /search.",
        ),
        query("author", {"type": "string"}, "An author id: all with that author key."),
        query("check", {"type": "string"}, "The name of a check that found something."),
        query("reported", {"const": "1"}, "Those with reports that nobody looked at alone."),
        query("links", {"const": "1"}, "Those with links alone."),
        query("since", {"type": "string", "format": "date-time"}, "Posted then or later."),
        query("until", {"type": "string", "format": "date-time"}, "Posted before that."),
        query("order", {"enum": list(Order), "default": Order.OLDEST}, "Of all, by when they came in."),
        LIMIT,
        CURSOR,
    ],
    refusals=(403, 404, 422, 429),
    **MODERATION,
)
def comments() -> Response:
    """A page of comments as their moderators see them."""
    moderator = auth.of_request()
    asked = queue_request(parameters.query())
    page, next_cursor = moderate.list_queue(context.service(), context.reading(), moderator, asked)
    return private_json(Queue(page, next_cursor))


@moderating.post("/comments/search")
@described(
    answers={200: Queue},
    request=SearchRequest,
    refusals=(400, 403, 404, 415, 422, 429),
    **MODERATION,
)
def search() -> Response:
    """The same list, asked for by JSON: an e-mail address that is looked for stands in no address of a page."""
    moderator = auth.of_request()
    asked = queue_request(fields_of(parameters.json_object()))
    page, next_cursor = moderate.list_queue(context.service(), context.reading(), moderator, asked)
    return private_json(Queue(page, next_cursor))


@moderating.get("/counts")
@described(answers={200: StateCounts}, parameters=[ANY_SITE], refusals=(403, 404, 429), **MODERATION)
def state_counts() -> Response:
    """How many comments are in each state: exact, and as fast for many as for few."""
    moderator = auth.of_request()
    site, work = site_if_named(), context.reading()
    counted = moderate.count_states(work, moderator, site)
    return private_json(StateCounts(**counted, reported=reported.count_reported(work, moderator, site)))
