"""What one author wrote."""

from __future__ import annotations

from flask import Response

from commentsvc.actions import authors
from commentsvc.model import AuthorFacts
from commentsvc.web import auth, context
from commentsvc.web.api.moderation.blueprint import moderating
from commentsvc.web.descriptions import MODERATION, described
from commentsvc.web.schemas import private_json


@moderating.get("/authors/<author>")
@described(answers={200: AuthorFacts}, refusals=(403, 404, 429), **MODERATION)
def show_author(author: str) -> Response:
    """What an author wrote, on this moderator's sites."""
    moderator = auth.of_request()
    return private_json(authors.read_author(context.reading(), moderator, author))
