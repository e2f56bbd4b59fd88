"""The outbox at the desk: admins see what waits, what died and why, and send it again."""

from __future__ import annotations

from flask import Flask, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from commentsvc.actions import outbox
from commentsvc.actions.accounts import SignedIn
from commentsvc.errors import Invalid, Problem
from commentsvc.http_terms import HTML
from commentsvc.messages import message
from commentsvc.model import MessageState
from commentsvc.web import auth, context, urls
from commentsvc.web.descriptions import CURSOR, described, query
from commentsvc.web.desk.entries import here
from commentsvc.web.desk.pages import STALE, page
from commentsvc.web.desk.telling import tell
from commentsvc.web.forms import OutboxForm
from commentsvc.web.languages import ForReaders
from commentsvc.web.message_pages import to_sign_in

sending = ForReaders("sending", __name__, url_prefix="/moderation/outbox")

PAGE = 50
STATE = query("state", {"enum": list(MessageState)}, "In this state alone.")


def install(app: Flask) -> None:
    """Let the head of the desk's pages say that something is wrong."""
    app.jinja_env.globals["outbox_is_ill"] = _is_ill


@sending.get("")
@described(
    "The desk", {200: HTML, 303: None, 422: HTML}, [STATE, CURSOR], refusals=(403, 429), security=("session",)
)
def show() -> AnyResponse:
    """The messages in the outbox, newest first, 50 a page."""
    who = auth.person_of_page()
    return to_sign_in() if who is None else _page(who)


@sending.post("/retry")
@described("The desk", {303: None, 422: HTML}, refusals=(403, 404, 409, 429), security=("session",))
def send_again() -> AnyResponse:
    """Send a message again."""
    who = auth.person_of_page()
    if who is None:
        return to_sign_in()
    form = OutboxForm()
    try:
        if not form.validate():
            raise Invalid({"form": [STALE]})
        outbox.send_again(context.service_to_write(), who.moderator, form.message.data or "")
    except Problem as refused:
        return _page(who, refused)
    tell(message("It is sent again."))
    return redirect(here(_chosen(), urls.outbox()), 303)


def _page(who: SignedIn, refused: Problem | None = None) -> Response:
    service, work, chosen = context.service(), context.reading(), _chosen()
    try:
        found, following = outbox.list_messages(
            service, work, who.moderator, chosen.get("state"), None, PAGE, request.args.get("cursor") or None
        )
    except Invalid as wrong:
        refused, found, following = refused or wrong, [], None
    state = outbox.state_of(service, work)
    return page(
        "desk/outbox.html",
        refused,
        who=who,
        found=found,
        chosen=chosen.get("state", ""),
        states=list(MessageState),
        state=state,
        ill=outbox.is_ill(state),
        now=service.now(),
        retry=here(chosen, urls.outbox() + "/retry"),
        next_page=here(chosen | {"cursor": following}, urls.outbox()) if following else None,
    )


def _chosen() -> dict[str, str]:
    return {"state": request.args["state"]} if request.args.get("state") else {}


def _is_ill() -> bool:
    return outbox.is_ill(outbox.state_of(context.service(), context.reading(), most=1))
