"""Where people are signed in."""

from __future__ import annotations

from flask import Response

from commentsvc.actions import accounts
from commentsvc.web import auth, context
from commentsvc.web.api.moderation.blueprint import moderating
from commentsvc.web.descriptions import described
from commentsvc.web.responses import uncacheable
from commentsvc.web.schemas import (
    Sessions,
    private_json,
)


@moderating.get("/sessions")
@described("Moderating", {200: Sessions}, refusals=(403, 429), security=("session",))
def list_sessions() -> Response:
    """One's own sessions; a program has none."""
    who = auth.person_of_request()
    return private_json(Sessions(accounts.list_sessions(context.service(), context.reading(), who), None))


@moderating.delete("/sessions/<session>")
@described("Moderating", {204: None}, refusals=(403, 404, 429), security=("session",))
def end_session(session: str) -> Response:
    """End one of one's own sessions."""
    who = auth.person_of_request()
    accounts.end_session(context.service_to_write(), who, session)
    return uncacheable(Response(status=204))
