"""API tokens: made, listed and revoked by admins."""

from __future__ import annotations

from flask import Response
from msgspec import Struct

from commentsvc.access.api_tokens import read_end
from commentsvc.actions import tokens
from commentsvc.errors import Invalid
from commentsvc.model import NewApiToken, Scope
from commentsvc.web import auth, context, parameters
from commentsvc.web.api.moderation.blueprint import moderating
from commentsvc.web.descriptions import MODERATION, described
from commentsvc.web.responses import uncacheable
from commentsvc.web.schemas import Tokens, private_json


class TokenRequest(Struct):
    """A token to make; `expires` is a date (to its end, UTC) or a number of days, such as `30d`."""

    scope: Scope
    site: str | None = None
    label: str | None = None
    expires: str | None = None


@moderating.get("/tokens")
@described(answers={200: Tokens}, refusals=(403, 429), **MODERATION)
def list_tokens() -> Response:
    """All API tokens, the oldest first; admins of all sites."""
    moderator = auth.of_request()
    return private_json(Tokens(tokens.list_tokens(context.reading(), moderator), None))


@moderating.post("/tokens")
@described(
    answers={201: NewApiToken},
    request=TokenRequest,
    refusals=(400, 403, 404, 415, 422, 429),
    **MODERATION,
)
def create_token() -> Response:
    """Make an API token; `token` is shown this once. Admins of all sites."""
    moderator = auth.of_request()
    body = parameters.json_as(TokenRequest)
    service = context.service_to_write()
    try:
        expires_at = read_end(body.expires, service.now()) if body.expires is not None else None
    except ValueError as wrong:
        raise Invalid({"expires": [str(wrong)]}) from None
    token = tokens.create_token(service, body.scope, body.site, body.label, expires_at, moderator=moderator)
    return private_json(token, 201)


@moderating.delete("/tokens/<token>")
@described(answers={204: None}, refusals=(403, 404, 429), **MODERATION)
def revoke_token(token: str) -> Response:
    """End an API token at once; admins of all sites."""
    moderator = auth.of_request()
    tokens.revoke_token(context.service_to_write(), token, moderator)
    return uncacheable(Response(status=204))
