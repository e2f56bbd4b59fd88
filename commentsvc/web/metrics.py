"""`/metrics` on the service's own port, for who has METRICS_TOKEN; without that setting there is none."""

from __future__ import annotations

import hmac

from flask import Blueprint, Response, request

from commentsvc.actions.figures import METRICS, metrics_text
from commentsvc.errors import NotAuthenticated, NotFound
from commentsvc.web import context, counting
from commentsvc.web.descriptions import described
from commentsvc.web.responses import uncacheable

metrics = Blueprint("metrics", __name__)


@metrics.get("/metrics")
@counting.free
@described("Running", {200: "text/plain"}, refusals=(403, 404, 429), security=("metricsToken",))
def scrape() -> Response:
    """What the service counted and how things stand, for Prometheus."""
    service = context.service()
    token = service.settings.metrics_token
    if token is None:
        context.limits().spend_read()
        raise NotFound("METRICS_TOKEN is not set, so there are no metrics here.")
    if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode()):
        context.limits().spend_read()
        raise NotAuthenticated("This is for who has METRICS_TOKEN.")
    return uncacheable(Response(metrics_text(service), content_type=METRICS))
