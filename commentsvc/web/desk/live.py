"""What the script of the desk asks for: what others did, and a comment as it is now."""

from __future__ import annotations

import re

from flask import request
from msgspec import Struct
from werkzeug.wrappers import Response as AnyResponse

from commentsvc.actions import desk, moderate, notes, reported
from commentsvc.errors import Invalid, Problem
from commentsvc.http_terms import HTML
from commentsvc.model import Change, Moderator, Seen, State
from commentsvc.web import auth, context, problems
from commentsvc.web.descriptions import described, query
from commentsvc.web.desk.entries import entry_values
from commentsvc.web.desk.navigation import desk_page
from commentsvc.web.forms import csrf_token
from commentsvc.web.languages import ForReaders
from commentsvc.web.message_pages import to_sign_in
from commentsvc.web.schemas import StateCounts, private_json

live = ForReaders("live", __name__, url_prefix="/moderation")

_SEEN = re.compile(rf"([\w-]{{1,64}})\.([0-9]{{1,9}})\.({'|'.join(State)})", re.ASCII)


class News(Struct):
    """Who is signed in, by an opaque id, with a token for what they send; and what became of what they read."""

    person: str
    csrf_token: str
    counts: StateCounts
    changes: list[Change]


@live.get("/news")
@described(
    "The desk",
    {200: News, 303: None},
    [
        query(
            "seen", {"type": "string"}, f"Up to {desk.MOST_SEEN} comments as ID.REVISION.STATE, with commas."
        )
    ],
    refusals=(422, 429),
    security=("session",),
)
def news() -> AnyResponse:
    """What changed of the comments that are shown, and how many there are of each state."""
    moderator = auth.of_session()
    if moderator is None:
        return to_sign_in()
    seen = _seen(request.args.get("seen", ""))
    work = context.reading()
    counts = moderate.count_states(work, moderator, None)
    return private_json(
        News(
            moderator.actor.id,
            csrf_token(),
            StateCounts(**counts, reported=reported.count_reported(work, moderator, None)),
            desk.changes(work, moderator, seen),
        )
    )


@live.get("/comments/<comment>")
@described("The desk", {200: HTML, 303: None}, refusals=(404, 429), security=("session",))
def comment(comment: str) -> AnyResponse:
    """One comment, with what decides about it."""
    moderator = auth.of_session()
    if moderator is None:
        return to_sign_in()
    return comment_page(moderator, comment)


def comment_page(
    moderator: Moderator, comment: str, refused: Problem | None = None, note: str = ""
) -> AnyResponse:
    """The page of one comment, with all notes about it; where a *note* was *refused*, with why.

    :raises NotFound: there is none of that id on this moderator's sites, or it was erased.
    """
    service, work = context.service(), context.reading()
    read = desk.read_comment(service, work, moderator, comment)
    response = desk_page(
        "desk/comment.html",
        moderator,
        "",
        comment=read,
        desk=entry_values(moderator, {}, note),
        contexts=desk.contexts(service, work, moderator, [read], notes.MOST_NOTES),
        problem=refused,
    )
    if refused is not None:
        response.status_code = problems.status_of(refused)
    return response


def _seen(listed: str) -> list[Seen]:
    """The comments that the script names.

    :raises Invalid: that cannot be read, or they are too many.
    """
    matches = [_SEEN.fullmatch(one) for one in listed.split(",")] if listed else []
    if not all(matches) or len(matches) > desk.MOST_SEEN:
        raise Invalid({"seen": [f"Name up to {desk.MOST_SEEN} comments as ID.REVISION.STATE, with commas."]})
    return [Seen(match[1], int(match[2]), State(match[3])) for match in matches if match]
