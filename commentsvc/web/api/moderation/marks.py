"""What a moderator sets on one comment, and answers of the staff."""

from __future__ import annotations

from typing import Annotated

from flask import Response
from msgspec import UNSET, Meta, Struct, UnsetType

from commentsvc.actions import answer, mark
from commentsvc.actions.mark import MAX_SPANS, Changes
from commentsvc.model import ModeratedComment
from commentsvc.web import auth, context, parameters
from commentsvc.web.api.moderation.blueprint import moderating
from commentsvc.web.descriptions import MODERATION, described
from commentsvc.web.posting import checked_text
from commentsvc.web.schemas import private_json


class Span(Struct, rename={"from_": "from"}):
    """A part of a text, in code points: `to` is the first that is not part of it."""

    from_: Annotated[int, Meta(ge=0)]
    to: Annotated[int, Meta(ge=0)]


class MarkRequest(Struct):
    """What changes of a comment; what is left out stays. An empty `redact` lifts what was blacked out.

    With the `revision` that was read, nothing is blacked out of another one.
    """

    pinned: bool | UnsetType = UNSET
    locked: bool | UnsetType = UNSET
    staff: bool | UnsetType = UNSET
    redact: Annotated[list[Span], Meta(max_length=MAX_SPANS)] | UnsetType = UNSET
    revision: int | UnsetType = UNSET


class AnswerRequest(Struct):
    """An answer as staff to a public comment."""

    parent: str
    text: str


@moderating.patch("/comments/<comment>")
@described(
    answers={200: ModeratedComment},
    request=MarkRequest,
    refusals=(400, 403, 404, 415, 422, 429),
    **MODERATION,
)
def mark_comment(comment: str) -> Response:
    """Pin a comment, lock its branch, show it as the staff's, or black out parts of its text."""
    moderator = auth.of_request()
    body = parameters.json_as(MarkRequest)
    changes = Changes(
        pinned=None if body.pinned is UNSET else body.pinned,
        locked=None if body.locked is UNSET else body.locked,
        staff=None if body.staff is UNSET else body.staff,
        redact=None if body.redact is UNSET else [(span.from_, span.to) for span in body.redact],
        read=None if body.revision is UNSET else body.revision,
    )
    return private_json(mark.change_comment(context.service_to_write(), moderator, comment, changes))


@moderating.post("/comments")
@described(
    answers={201: ModeratedComment},
    request=AnswerRequest,
    refusals=(400, 403, 404, 409, 415, 422, 429),
    **MODERATION,
)
def answer_comment() -> Response:
    """Answer a comment as staff, under one's display name."""
    moderator = auth.of_request()
    body = parameters.json_as(AnswerRequest)
    text, html = checked_text({"text": body.text}, {})
    given = answer.answer_as_staff(context.service_to_write(), moderator, body.parent, text, html)
    return private_json(given, 201)
