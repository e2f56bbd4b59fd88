"""The desk's pages for a decision about all that match a search: asked twice, then carried out by a job."""

from __future__ import annotations

from flask import Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from commentsvc.actions import bulk_decide
from commentsvc.actions.bulk_decide import Moment
from commentsvc.actions.decide import LONGEST_REASON
from commentsvc.errors import Forbidden, Invalid, Problem
from commentsvc.http_terms import HTML
from commentsvc.jobs import queue as jobs
from commentsvc.jobs.decide import DECIDE
from commentsvc.messages import message
from commentsvc.model import Action, JobState, Moderator, Permission
from commentsvc.web import auth, context, problems, urls
from commentsvc.web.descriptions import described
from commentsvc.web.desk.entries import here
from commentsvc.web.desk.labels import DONE
from commentsvc.web.desk.navigation import desk_page
from commentsvc.web.desk.queue import chosen_here, request_of
from commentsvc.web.desk.telling import tell
from commentsvc.web.forms import BulkForm, PlainForm
from commentsvc.web.languages import ForReaders
from commentsvc.web.message_pages import to_sign_in

bulk = ForReaders("bulk", __name__, url_prefix="/moderation")

STALE = message("This form has expired. Please submit it again.")
LOOK_AGAIN_SECONDS = 3


@bulk.get("/decide/all")
@described("The desk", {200: HTML, 303: None}, refusals=(403, 429), security=("session",))
def ask() -> AnyResponse:
    """How many comments match, and what may be decided about all of them."""
    moderator = auth.of_session()
    if moderator is None:
        return to_sign_in()
    return _page(moderator)


@bulk.post("/decide/all")
@described("The desk", {303: None, 422: HTML}, refusals=(403, 429), security=("session",))
def decide_all() -> AnyResponse:
    """Start the job, and show how far it is."""
    moderator = auth.of_session()
    if moderator is None:
        return to_sign_in()
    form = BulkForm()
    chosen = chosen_here()
    reason = " ".join((form.text.data or "").split()) or None
    service, work = context.service(), context.reading()
    try:
        if not form.validate() or form.action.data not in DONE:
            raise Invalid({"form": [STALE]})
        if reason is not None and len(reason) > LONGEST_REASON:
            raise Invalid(
                {"reason": [message("A reason has at most %(most)s characters.", most=LONGEST_REASON)]}
            )
        try:
            read = Moment.parse(form.read.data or "")
        except ValueError:
            raise Invalid({"form": [STALE]}) from None
        wanted, action = request_of(chosen), Action(form.action.data)
        asked = bulk_decide.ask(service, work, moderator, wanted, action, reason, read)
    except Problem as refused:
        return _page(moderator, refused)
    job, _ = jobs.start(context.service_to_write(), DECIDE, asked.as_arguments())
    return redirect(urls.desk_job(job.public_id), 303)


@bulk.get("/jobs/<job>")
@described("The desk", {200: HTML, 303: None}, refusals=(404, 429), security=("session",))
def show(job: str) -> AnyResponse:
    """How far a job is; the page looks again by itself."""
    moderator = auth.of_session()
    if moderator is None:
        return to_sign_in()
    work = context.reading()
    found = bulk_decide.visible(work, moderator, work.jobs.find(job))
    goes_on = found.state in {JobState.QUEUED, JobState.RUNNING}
    page = desk_page(
        "desk/job.html",
        moderator,
        "",
        job=found,
        goes_on=goes_on,
        may_decide=moderator.may(Permission.DECIDE),
        cancel=urls.cancel_job(job),
    )
    if goes_on:
        page.headers["Refresh"] = str(LOOK_AGAIN_SECONDS)
    return page


@bulk.post("/jobs/<job>/cancel")
@described("The desk", {303: None}, refusals=(403, 404, 429), security=("session",))
def cancel(job: str) -> AnyResponse:
    """Cancel a job; what it did stays."""
    moderator = auth.of_session()
    if moderator is None:
        return to_sign_in()
    if not moderator.may(Permission.DECIDE):
        raise Forbidden(message("You may read here, and change nothing."))
    if PlainForm().validate():
        work = context.reading()
        found = bulk_decide.visible(work, moderator, work.jobs.find(job))
        jobs.cancel(context.service_to_write(), found.public_id)
    else:
        tell(STALE)
    return redirect(urls.desk_job(job), 303)


def _page(moderator: Moderator, refused: Problem | None = None) -> Response:
    chosen = chosen_here()
    asked = None
    try:
        service, work = context.service(), context.reading()
        asked = bulk_decide.ask(service, work, moderator, request_of(chosen), Action.HOLD, None)
    except Problem as problem:
        refused = problem
    response = desk_page(
        "desk/bulk.html",
        moderator,
        "",
        chosen={name: value for name, value in chosen.items() if name not in {"cursor", "order"}},
        asked=asked,
        read=asked and asked.moment,
        problem=refused,
        typed=request.form.get("text", ""),
        decide=here(chosen, urls.decide_all()),
        back=here(chosen),
    )
    if refused is not None:
        response.status_code = problems.status_of(refused)
    return response
