"""The desk's page of one thread: open and close it, name it, and pin, lock, black out and answer its comments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from commentsvc.actions import answer, mark, moderate, read
from commentsvc.actions.mark import Changes
from commentsvc.actions.moderate import QueueRequest
from commentsvc.errors import Invalid, Problem
from commentsvc.http_terms import HTML
from commentsvc.jobs import queue as jobs
from commentsvc.jobs.merge import MERGE
from commentsvc.messages import message
from commentsvc.model import Moderator, Site, ThreadFacts
from commentsvc.web import auth, context, parameters, problems, urls
from commentsvc.web.descriptions import ARTICLE, CURSOR, SITE, described
from commentsvc.web.desk.navigation import desk_page
from commentsvc.web.desk.telling import tell
from commentsvc.web.forms import AnswerForm, MarkForm, ThreadForm
from commentsvc.web.languages import ForReaders
from commentsvc.web.message_pages import to_sign_in
from commentsvc.web.moderation import article_of
from commentsvc.web.posting import checked_text

shaping = ForReaders("shaping", __name__, url_prefix="/moderation/thread")

STALE = message("This form has expired. Please submit it again.")
UNKNOWN = message("Nothing was changed: this button is not known here.")
MARKS = {
    "pin": (message("Pinned."), Changes(pinned=True)),
    "unpin": (message("No longer pinned."), Changes(pinned=False)),
    "lock": (message("Locked: nobody can reply to it."), Changes(locked=True)),
    "unlock": (message("No longer locked."), Changes(locked=False)),
    "staff": (message("Shown as one of the staff."), Changes(staff=True)),
    "unstaff": (message("No longer shown as one of the staff."), Changes(staff=False)),
    "lift": (message("The whole text is shown again."), Changes(redact=[])),
}


@shaping.get("")
@described(
    "The desk",
    {200: HTML, 303: None},
    [ARTICLE, SITE, CURSOR],
    refusals=(404, 422, 429),
    security=("session",),
)
def show() -> AnyResponse:
    """A thread, with all its comments, those that wait included."""
    moderator = auth.of_session()
    if moderator is None:
        return to_sign_in()
    return _page(moderator)


@shaping.post("")
@described(
    "The desk",
    {303: None, 422: HTML, 409: HTML},
    [ARTICLE, SITE],
    refusals=(403, 404, 429),
    security=("session",),
)
def change() -> AnyResponse:
    """Open or close the thread, or set what is typed."""
    moderator = auth.of_session()
    if moderator is None:
        return to_sign_in()
    site, article = parameters.site(), parameters.article()
    form = ThreadForm()
    try:
        _require_valid(form)
        article = _change(moderator, site, article, form)
    except Problem as refused:
        return _page(moderator, refused, form.data)
    return redirect(_here(site, article), 303)


@shaping.post("/comment")
@described(
    "The desk", {303: None, 422: HTML}, [ARTICLE, SITE], refusals=(403, 404, 429), security=("session",)
)
def mark_comment() -> AnyResponse:
    """Pin, lock or black out one comment, or take that back."""
    moderator = auth.of_session()
    if moderator is None:
        return to_sign_in()
    site, article = parameters.site(), parameters.article()
    form = MarkForm()
    try:
        _require_valid(form)
        said, changes = _marks(moderator, form)
        mark.change_comment(context.service_to_write(), moderator, form.comment.data or "", changes)
    except Problem as refused:
        return _page(moderator, refused, {"marked": form.comment.data, "words": form.words.data})
    tell(said)
    return redirect(f"{_here(site, article)}#comment-{form.comment.data}", 303)


@shaping.post("/answer")
@described(
    "The desk",
    {303: None, 422: HTML, 409: HTML},
    [ARTICLE, SITE],
    refusals=(403, 404, 429),
    security=("session",),
)
def answer_comment() -> AnyResponse:
    """Answer a comment as staff."""
    moderator = auth.of_session()
    if moderator is None:
        return to_sign_in()
    site, article = parameters.site(), parameters.article()
    form = AnswerForm()
    try:
        _require_valid(form)
        text, html = checked_text({"text": form.text.data or ""}, {})
        given = answer.answer_as_staff(
            context.service_to_write(), moderator, form.comment.data or "", text, html
        )
    except Problem as refused:
        return _page(moderator, refused, {"answered": form.comment.data, "text": form.text.data})
    tell(message("Your answer is posted."))
    return redirect(f"{_here(site, article)}#comment-{given.id}", 303)


def _here(site: Site, article: str, what: str = "") -> str:
    """This page of the thread's comments, or where its forms send *what* they do."""
    return urls.desk_thread(site.slug, article, what, request.args.get("cursor"))


def _require_valid(form: ThreadForm | MarkForm | AnswerForm) -> None:
    if not form.validate():
        raise Invalid({"form": [STALE]})


def _change(moderator: Moderator, site: Site, article: str, form: ThreadForm) -> str:
    """Carry out what the form says; give the article ID that the thread has then."""
    before = read.thread_facts(context.reading(), site, article)
    service = context.service_to_write()
    match form.action.data:
        case "open" | "close" as pressed:
            moderate.change_thread(service, moderator, site, article, {"open": pressed == "open"})
            tell(
                message("The discussion is open.")
                if pressed == "open"
                else message("The discussion is closed.")
            )
            return article
        case "save":
            pass
        case _:
            raise Invalid({"form": [UNKNOWN]})
    changes: dict[str, Any] = {
        "title": " ".join((form.title.data or "").split()) or None,
        "url": (form.url.data or "").strip() or None,
        "close_after_days": _number(form, "close_after_days"),
        "slow_mode_seconds": _number(form, "slow_mode_seconds"),
    }
    if changes["close_after_days"] == before.close_after_days:
        del changes["close_after_days"]  # to set it again would close what somebody opened after its time
    rename_to = article_of(form.rename_to.data, "rename_to") if form.rename_to.data else None
    done = moderate.change_thread(
        service, moderator, site, article, changes, rename_to, may_merge=form.merge.data == "1"
    )
    if isinstance(done, ThreadFacts):
        tell(message("Saved."))
        return done.article
    jobs.start(service, MERGE, MERGE.asked_for(done))
    tell(message("The two discussions become one; as they are long, that takes a while."))
    return article


def _number(form: ThreadForm, name: str) -> int | None:
    raw = (form[name].data or "").strip()
    if not raw:
        return None
    if not (raw.isascii() and raw.isdigit() and len(raw) < 10):
        raise Invalid({name: [message("Please give a whole number, or leave it empty.")]})
    return int(raw)


def _marks(moderator: Moderator, form: MarkForm) -> tuple[str, Changes]:
    """What the button does, and what is said of it."""
    pressed = form.action.data or ""
    if pressed in MARKS:
        return MARKS[pressed]
    words = form.words.data or ""
    if pressed != "redact":
        raise Invalid({"form": [UNKNOWN]})
    comment = form.comment.data or ""
    return message("Blacked out."), mark.blacking_out(context.reading(), moderator, comment, words)


def _page(
    moderator: Moderator, refused: Problem | None = None, typed: Mapping[str, Any] | None = None
) -> Response:
    """The page; where something was *refused*, with why, and with what was *typed*."""
    service, work = context.service(), context.reading()
    site, article = parameters.site(), parameters.article()
    wanted = QueueRequest(site=site, article=article, cursor=request.args.get("cursor") or None)
    comments, following = moderate.list_queue(service, work, moderator, wanted)
    thread = read.thread_facts(work, site, article)
    typed = typed or {}
    has_field = {typed.get("answered"), typed.get("marked")} & {comment.id for comment in comments}
    response = desk_page(
        "desk/thread.html",
        moderator,
        "",
        thread=thread,
        comments=comments,
        typed=typed,
        kept="" if has_field else typed.get("text") or typed.get("words"),
        problem=refused,
        here=lambda what="": _here(site, article, what),
        next_page=urls.desk_thread(site.slug, article, cursor=following) if following else None,
    )
    if refused is not None:
        response.status_code = problems.status_of(refused)
    return response
