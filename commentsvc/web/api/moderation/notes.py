"""What moderators note about a comment."""

from __future__ import annotations

from flask import Response, request
from msgspec import Struct

from commentsvc.actions import notes
from commentsvc.model import Note
from commentsvc.web import auth, context, parameters
from commentsvc.web.api.moderation.blueprint import moderating
from commentsvc.web.descriptions import CURSOR, LIMIT, MODERATION, described
from commentsvc.web.schemas import private_json


class Notes(Struct):
    """A page of the notes about a comment, the oldest first."""

    notes: list[Note]
    next: str | None


class NoteRequest(Struct):
    """A note to add."""

    text: str


@moderating.get("/comments/<comment>/notes")
@described(answers={200: Notes}, parameters=[LIMIT, CURSOR], refusals=(403, 404, 422, 429), **MODERATION)
def list_notes(comment: str) -> Response:
    """A page of the notes about a comment, the oldest first; they are erased with it."""
    moderator = auth.of_request()
    page, next_cursor = notes.list_notes(
        context.service(),
        context.reading(),
        moderator,
        comment,
        parameters.limit(50),
        request.args.get("cursor") or None,
    )
    return private_json(Notes(page, next_cursor))


@moderating.post("/comments/<comment>/notes")
@described(answers={201: Note}, request=NoteRequest, refusals=(400, 403, 404, 415, 422, 429), **MODERATION)
def add_note(comment: str) -> Response:
    """Add a note to a comment, for its other moderators."""
    moderator = auth.of_request()
    text = parameters.json_as(NoteRequest).text
    return private_json(notes.add_note(context.service_to_write(), moderator, comment, text), 201)
