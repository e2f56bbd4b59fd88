"""What readers reported, and the decisions of a year as a table."""

from __future__ import annotations

from flask import Response, request

from commentsvc.actions import moderate
from commentsvc.web import auth, context, parameters
from commentsvc.web.api.moderation.blueprint import moderating
from commentsvc.web.descriptions import CURSOR, LIMIT, MODERATION, described
from commentsvc.web.schemas import Reports, private_json


@moderating.get("/comments/<comment>/reports")
@described(answers={200: Reports}, parameters=[LIMIT, CURSOR], refusals=(403, 404, 422, 429), **MODERATION)
def reports(comment: str) -> Response:
    """What readers reported of a comment; any decision closes what is open."""
    moderator = auth.of_request()
    page, objections, following = moderate.reports_of(
        context.service(),
        context.reading(),
        moderator,
        comment,
        parameters.limit(50),
        request.args.get("cursor"),
    )
    return private_json(Reports(page, objections, following))
