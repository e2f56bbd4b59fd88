"""What happens to a thread, as it happens: server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

from __future__ import annotations

from flask import Blueprint, Response, request

from commentsvc.actions import read
from commentsvc.http_terms import STREAM, STREAMS
from commentsvc.web import context, parameters
from commentsvc.web.descriptions import ARTICLE, SITE, described
from commentsvc.web.problems import problem

EVENTS = "text/event-stream"

events = Blueprint("events", __name__)


@events.get("/api/v1/thread/events")
@described("Reading", {200: EVENTS}, [ARTICLE, SITE], refusals=(404, 422, 429, 501, 503))
def thread_events() -> Response:
    """Server-sent events: `changed` whenever the public thread does, with `site`, `article`, `version` and `count`.

    With a `Last-Event-ID` that is not the newest there is one at once. The answer ends at times; then connect again.
    """
    site, article = parameters.site(), parameters.article()
    watched = read.watched_thread(context.service(), context.reading(), site, article)
    if not request.environ.get(STREAMS):
        return problem(501, "Streams of events need the service's own server; look once a minute instead.")
    request.environ[STREAM] = watched
    response = Response(content_type=EVENTS)
    response.headers["Cache-Control"] = "no-store, no-transform"
    response.headers["X-Accel-Buffering"] = "no"
    return response
