"""Figures of the moderators' work."""

from __future__ import annotations

from flask import Response

from commentsvc.actions.moderation_figures import MOST_DAYS, read_figures
from commentsvc.model import ModerationFigures
from commentsvc.web import auth, context
from commentsvc.web.api.moderation.blueprint import moderating
from commentsvc.web.descriptions import ANY_SITE, MODERATION, described, query
from commentsvc.web.moderation import days_if_named, site_if_named
from commentsvc.web.schemas import private_json

DAYS = query(
    "days", {"type": "integer", "minimum": 1, "maximum": MOST_DAYS, "default": 30}, "Today included."
)


@moderating.get("/figures")
@described(
    answers={200: ModerationFigures}, parameters=[DAYS, ANY_SITE], refusals=(403, 404, 422, 429), **MODERATION
)
def figures() -> Response:
    """Waiting times, decisions by person and year, what checks caught, and comments by day (UTC)."""
    moderator = auth.of_request()
    found = read_figures(context.service(), context.reading(), moderator, site_if_named(), days_if_named())
    return private_json(found)
