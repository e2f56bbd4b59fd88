"""The outbox as JSON, for admins."""

from __future__ import annotations

from flask import Response, request

from commentsvc.actions import outbox
from commentsvc.model import ListedMessage, MessageKind, MessageState
from commentsvc.web import auth, context, parameters
from commentsvc.web.api.moderation.blueprint import moderating
from commentsvc.web.descriptions import CURSOR, LIMIT, MODERATION, described, query
from commentsvc.web.schemas import OutboxPage, private_json

STATE = query("state", {"enum": list(MessageState)}, "In this state alone.")
KIND = query("kind", {"enum": list(MessageKind)}, "Of this kind alone.")


@moderating.get("/outbox")
@described(
    answers={200: OutboxPage}, parameters=[STATE, KIND, LIMIT, CURSOR], refusals=(403, 422, 429), **MODERATION
)
def list_outbox() -> Response:
    """A page of the messages that wait, were sent in the last days, or died; newest first, for admins of all sites."""
    moderator = auth.of_request()
    page, following = outbox.list_messages(
        context.service(),
        context.reading(),
        moderator,
        request.args.get("state") or None,
        request.args.get("kind") or None,
        parameters.limit(50),
        request.args.get("cursor") or None,
    )
    return private_json(OutboxPage([outbox.listed(one) for one in page], following))


@moderating.post("/outbox/<message>/retry")
@described(answers={200: ListedMessage}, refusals=(403, 404, 409, 429), **MODERATION)
def send_again(message: str) -> Response:
    """Let a message that died, or waits, be sent at once; for admins of all sites."""
    moderator = auth.of_request()
    found = outbox.send_again(context.service_to_write(), moderator, message)
    return private_json(outbox.listed(found))
