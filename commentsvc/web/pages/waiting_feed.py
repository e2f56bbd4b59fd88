"""The private feed of what waits: a token in its URL says whose it is."""

from __future__ import annotations

from flask import Blueprint, Response, request

from commentsvc.actions.moderate import latest_waiting
from commentsvc.actions.tokens import follower_of_token
from commentsvc.publishing import feeds
from commentsvc.web import context
from commentsvc.web.descriptions import described, query
from commentsvc.web.responses import uncacheable

waiting_feed = Blueprint("waiting_feed", __name__)

TOKEN = query("t", {"type": "string"}, "An API token of scope `feed`.", required=True)


@waiting_feed.get("/feeds/queue.atom")
@described("Moderating", {200: feeds.CONTENT_TYPE}, [TOKEN], refusals=(404, 429))
def what_waits() -> Response:
    """The latest comments that wait for a moderator, with links to the desk."""
    follower = follower_of_token(context.service_to_write(), request.args.get("t", ""))
    service = context.service()
    comments = latest_waiting(service, context.reading(), follower)
    return uncacheable(
        Response(feeds.waiting(service.settings.base_url, comments), content_type=feeds.CONTENT_TYPE)
    )
