"""Where people are signed in."""

from __future__ import annotations

from flask import Response, request

from commentsvc.actions import accounts, people
from commentsvc.web import auth, context, parameters
from commentsvc.web.api.moderation.blueprint import moderating
from commentsvc.web.descriptions import MODERATION, described, query
from commentsvc.web.responses import uncacheable
from commentsvc.web.schemas import (
    Sessions,
    private_json,
)

PERSON = query("person", {"type": "string"}, "A person's id: their sessions, for admins of all sites.")


@moderating.get("/sessions")
@described(answers={200: Sessions}, parameters=[PERSON], refusals=(403, 404, 429), **MODERATION)
def list_sessions() -> Response:
    """One's own sessions; for admins of all sites those of whom they name, and for their programs all there are."""
    person = request.args.get("person")
    if person is not None or parameters.bearer() is not None:
        moderator = auth.of_request()
        listed = people.list_sessions(context.service(), context.reading(), moderator, person)
    else:
        who = auth.person_of_request()
        listed = accounts.list_sessions(context.service(), context.reading(), who)
    return private_json(Sessions(listed, None))


@moderating.delete("/sessions/<session>")
@described(answers={204: None}, parameters=[PERSON], refusals=(403, 404, 429), **MODERATION)
def end_session(session: str) -> Response:
    """End one of one's own sessions; for admins of all sites one of whom they name, and for their programs any."""
    person = request.args.get("person")
    if person is not None or parameters.bearer() is not None:
        moderator = auth.of_request()
        people.end_session(context.service_to_write(), moderator, person, session)
    else:
        who = auth.person_of_request()
        accounts.end_session(context.service_to_write(), who, session)
    return uncacheable(Response(status=204))
