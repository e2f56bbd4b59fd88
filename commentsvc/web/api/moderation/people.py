"""Sessions, and the trail of what people did."""

from __future__ import annotations

from flask import Response, request

from commentsvc.actions import accounts, audit, people
from commentsvc.audit.trail import Kind
from commentsvc.web import auth, context, parameters
from commentsvc.web.api.moderation.blueprint import moderating
from commentsvc.web.descriptions import CURSOR, LIMIT, MODERATION, described, query
from commentsvc.web.responses import uncacheable
from commentsvc.web.schemas import (
    AuditTrail,
    Sessions,
    private_json,
)


@moderating.get("/audit")
@described(
    answers={200: AuditTrail},
    parameters=[query("kind", {"enum": list(Kind)}, "Of this kind alone."), LIMIT, CURSOR],
    refusals=(403, 422, 429),
    **MODERATION,
)
def audit_trail() -> Response:
    """A page of the audit trail: sign-ins, people, tokens, sites, blocks and threads; comments are in /decisions."""
    moderator = auth.of_request()
    page, next_cursor = audit.read_trail(
        context.service(),
        context.reading(),
        moderator,
        request.args.get("kind") or None,
        parameters.limit(50),
        request.args.get("cursor") or None,
    )
    return private_json(AuditTrail(page, next_cursor))


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
