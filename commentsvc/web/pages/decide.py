"""To decide by a link of a mail: a page with one button, which is pressed without signing in."""

from __future__ import annotations

from flask import Response, render_template, request

from commentsvc.actions.decide_by_mail import Matter, decide_by_mail, matter_of
from commentsvc.errors import Problem
from commentsvc.http_terms import FORM, HTML
from commentsvc.messages import Message, message
from commentsvc.model import Action, State
from commentsvc.web import context, parameters, problems, urls
from commentsvc.web.descriptions import described, query
from commentsvc.web.languages import ForReaders, translated
from commentsvc.web.responses import uncacheable

decide_pages = ForReaders("decide_pages", __name__)

TOKEN = query("t", {"type": "string"}, "What stands in the mailed link.", required=True)
BUTTONS = {
    Action.APPROVE: message("Approve"),
    Action.SPAM: message("Spam"),
    Action.TRASH: message("Trash"),
}
DONE = {
    Action.APPROVE: message("Approved."),
    Action.SPAM: message("Marked as spam."),
    Action.TRASH: message("Moved to the trash."),
}
BY_YOU = message("You have decided about this comment.")
BY_PROGRAM = message("A check or its author changed this comment. Please read it again at the desk.")
ERASED = message("This comment no longer exists.")
LOOKED_AT = message("Somebody has looked at what was reported, and the comment stays as it is.")
STANDS: dict[State, Message] = {
    State.PENDING: message("It waits for a moderator."),
    State.APPROVED: message("It is public."),
    State.SPAM: message("It is among the spam."),
    State.TRASH: message("It is in the trash."),
}


@decide_pages.get("/mail/decide")
@described("Mail", {200: HTML, 403: HTML, 404: HTML, 410: HTML}, [TOKEN], refusals=(429,))
def ask() -> Response:
    """The comment as it is now, and the button that decides; a GET decides nothing, as programs follow links."""
    try:
        matter = matter_of(context.service(), context.reading(), request.args.get("t", ""))
    except Problem as refused:
        return _page(None, refused)
    return _page(matter)


@decide_pages.post("/mail/decide")
@described("Mail", {200: HTML, 403: HTML, 404: HTML, 410: HTML}, [TOKEN], refusals=(413, 429))
def decide() -> Response:
    """Decide, unless somebody did before: the token is all that it takes."""
    token, revision = request.args.get("t", ""), _revision()
    try:
        matter, is_done = decide_by_mail(context.service_to_write(), token, revision)
    except Problem as refused:
        return _page(None, refused)
    if is_done:
        return _page(matter, done=DONE[matter.action])
    note = message("Nothing was changed: its author has edited this comment. Please read it again.")
    return _page(matter, note=note if matter.is_open else None)


def _revision() -> int | None:
    """Which revision of the comment was read, as the form says; None where nothing says so."""
    parameters.body()
    raw = request.form.get("revision", "") if request.mimetype == FORM else ""
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 10 else None


def _page(
    matter: Matter | None,
    refused: Problem | None = None,
    *,
    done: Message | None = None,
    note: Message | None = None,
) -> Response:
    decided = [] if matter is None or matter.is_open or done else _decided(matter)
    html = render_template(
        "decide.html",
        root=urls.root(),
        desk=urls.queue(),
        action=f"{urls.root()}{request.full_path}",
        matter=matter,
        button=BUTTONS[matter.action] if matter is not None else "",
        refusal=None if refused is None else translated(refused.detail),
        done=done,
        note=note,
        decided=decided,
        # By name too: who opens the link may share the mailbox.
        you=matter.decided_by if matter is not None and BY_YOU in decided else None,
    )
    response = uncacheable(Response(html, content_type=HTML))
    if refused is not None:
        response.status_code = problems.status_of(refused)
        response.headers.update(problems.headers_of(refused))
    return response


def _decided(matter: Matter) -> list[Message]:
    """Who decided meanwhile, and what."""
    if matter.comment is None:
        return [_by(matter), ERASED] if matter.deed == Action.PURGE else [ERASED]
    if matter.comment.state is State.APPROVED and matter.deed != Action.APPROVE:
        return [LOOKED_AT]
    return [_by(matter), STANDS[matter.comment.state]]


def _by(matter: Matter) -> Message:
    if matter.deed not in set(Action) or matter.decided_by is None:
        return BY_PROGRAM
    if matter.is_own:
        return BY_YOU
    return message("%(name)s has decided about this comment.", name=matter.decided_by)
