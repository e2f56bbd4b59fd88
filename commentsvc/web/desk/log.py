"""The log of decisions at the desk: who decided what, and a button to undo each."""

from __future__ import annotations

from flask import redirect, request
from werkzeug.wrappers import Response as AnyResponse

from commentsvc.actions import desk
from commentsvc.actions.undo import undo
from commentsvc.errors import Problem
from commentsvc.http_terms import HTML
from commentsvc.messages import message
from commentsvc.model import LoggedDecision, Moderator, Permission, Site
from commentsvc.web import auth, context, problems, urls
from commentsvc.web.descriptions import ANY_SITE, CURSOR, described, query
from commentsvc.web.desk.entries import here
from commentsvc.web.desk.navigation import desk_page
from commentsvc.web.desk.telling import tell
from commentsvc.web.forms import LoggedForm
from commentsvc.web.languages import ForReaders
from commentsvc.web.message_pages import to_sign_in
from commentsvc.web.moderation import site_if_named

log = ForReaders("log", __name__, url_prefix="/moderation/log")

FILTERS = ("site", "comment", "cursor")
STALE = message("This page has expired. Please press the button again.")
WHY_NOT = {
    "superseded": message("Not undone: the comment was decided again since then."),
    "edited": message("Nothing was changed: its author has edited this comment. Please read it again."),
    "erased": message("Not undone: the comment was erased."),
    "unknown": message("Not undone: there is no such decision."),
}


@log.get("")
@described(
    "The desk",
    {200: HTML, 303: None},
    [ANY_SITE, query("comment", {"type": "string"}, "Of one comment alone."), CURSOR],
    refusals=(429,),
    security=("session",),
)
def show() -> AnyResponse:
    """Who decided what, newest first, 50 a page."""
    moderator = auth.of_session()
    if moderator is None:
        return to_sign_in()
    chosen = _chosen()
    refused = None
    try:
        page, following = _read(moderator, site_if_named(), chosen)
    except Problem as problem:
        refused, page, following = problem, [], None
    response = desk_page(
        "desk/log.html",
        moderator,
        "/log",
        lines=page,
        may_decide=moderator.may(Permission.DECIDE),
        chosen=chosen,
        problem=refused,
        undo=here(chosen, urls.undo_logged()),
        next_page=here(chosen | {"cursor": following}, urls.log()) if following else None,
    )
    if refused is not None:
        response.status_code = problems.status_of(refused)
    return response


@log.post("/undo")
@described("The desk", {303: None}, refusals=(429,), security=("session",))
def undo_logged() -> AnyResponse:
    """Undo one decision, and show the log again as it was."""
    moderator = auth.of_session()
    if moderator is None:
        return to_sign_in()
    form, back = LoggedForm(), here(_chosen(), urls.log())
    if not form.validate():
        tell(STALE)
        return redirect(back, 303)
    done = undo(context.service_to_write(), moderator, [form.decision.data or ""])
    tell(message("Undone.") if done.undone else WHY_NOT[done.refused[0].why])
    return redirect(back, 303)


def _read(
    moderator: Moderator, site: Site | None, chosen: dict[str, str]
) -> tuple[list[LoggedDecision], str | None]:
    return desk.decision_log(
        context.service(),
        context.reading(),
        moderator,
        site,
        chosen.get("comment"),
        chosen.get("cursor"),
    )


def _chosen() -> dict[str, str]:
    return {name: request.args[name] for name in FILTERS if request.args.get(name)}
