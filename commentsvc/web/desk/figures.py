"""“Figures” at the desk: waiting times, decisions, what checks caught, and comments by day."""

from __future__ import annotations

from werkzeug.wrappers import Response as AnyResponse

from commentsvc.actions import sites
from commentsvc.actions.moderation_figures import MOST_DAYS, read_figures
from commentsvc.errors import Problem
from commentsvc.http_terms import HTML
from commentsvc.web import auth, context, problems
from commentsvc.web.descriptions import described
from commentsvc.web.desk.navigation import desk_page
from commentsvc.web.languages import ForReaders
from commentsvc.web.message_pages import to_sign_in
from commentsvc.web.moderation import days_if_named, site_if_named

figures = ForReaders("figures", __name__, url_prefix="/moderation/figures")

DAYS = (7, 30, 90, MOST_DAYS)


@figures.get("")
@described(
    "The desk",
    {200: HTML, 303: None, 403: HTML, 404: HTML, 422: HTML},
    refusals=(429,),
    security=("session",),
)
def show() -> AnyResponse:
    """Figures of the last days, as charts and as tables."""
    moderator = auth.of_session()
    if moderator is None:
        return to_sign_in()
    service, work = context.service(), context.reading()
    refused, found, site = None, None, None
    try:
        site = site_if_named()
        found = read_figures(service, work, moderator, site, days_if_named())
    except Problem as problem:
        refused = problem
    response = desk_page(
        "desk/figures.html",
        moderator,
        "/figures",
        figures=found,
        problem=refused,
        site=site.slug if site else None,
        sites=[one.slug for one in sites.all_sites(service, work) if moderator.may_see(one.id)],
        choices=sorted({*DAYS, *([found.days] if found else [])}),
    )
    if refused is not None:
        response.status_code = problems.status_of(refused)
    return response
