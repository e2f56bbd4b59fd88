"""To report a comment on a page that needs no script."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response, render_template, request

from commentsvc.actions import read
from commentsvc.actions.read import PageRequest
from commentsvc.errors import NotFound, Problem
from commentsvc.http_terms import HTML
from commentsvc.intake import form_tokens
from commentsvc.intake.fields import LONGEST
from commentsvc.intake.reports import REASONS
from commentsvc.model import PublicComment, Site
from commentsvc.web import context, parameters, urls
from commentsvc.web.counting import counts_itself, read_beyond_limit
from commentsvc.web.descriptions import ARTICLE, OWN, SITE, described
from commentsvc.web.languages import ForReaders, translated
from commentsvc.web.pages.plain_forms import errors_of, form_fields, refusal_of, shown
from commentsvc.web.reporting import REPORT_FIELDS, take_report
from commentsvc.web.urls import ThreadUrls, asked_language

report_pages = ForReaders("report_pages", __name__)


@report_pages.get("/thread/report")
@described("Reading", {200: HTML}, [OWN, ARTICLE | {"required": False}, SITE], refusals=(404, 422, 429))
def report_page() -> Response:
    """The form to report a comment; the same for all that are not public, whether they exist or not."""
    return _page(parameters.site(), {})


@report_pages.post("/thread/report")
@counts_itself
@described(
    "Posting",
    {200: HTML, 403: HTML, 413: HTML, 415: HTML, 422: HTML, 429: HTML},
    [OWN, ARTICLE | {"required": False}, SITE],
    request="report form",
    refusals=(404,),
)
def report_comment() -> Response:
    """Report a comment: a confirmation, or the page again with what was typed."""
    beyond = read_beyond_limit()  # whatever comes of it, a page is rendered
    site = parameters.site()
    sent: dict[str, str] = {}
    try:
        sent = form_fields((*REPORT_FIELDS, "good_faith"))
        if beyond:
            raise beyond
        with context.limits().counting() as counting:
            take_report(counting, _comment(), sent, {}, good_faith=bool(sent.get("good_faith")))
    except Problem as refused:
        return _page(site, sent, beyond or refused)
    return _page(site, {}, received=True)


def _comment() -> str:
    return request.args.get("comment", "")


def _page(
    site: Site, sent: Mapping[str, str], refused: Problem | None = None, *, received: bool = False
) -> Response:
    html = render_template(
        "report.html",
        root=urls.root(),
        site=site,
        action=f"{urls.root()}{request.full_path}",
        back=_thread(site),
        public=None if received else _public_comment(),
        reasons={str(reason): translated(text) for reason, text in REASONS.items()},
        token="" if received else form_tokens.issue(context.service(), site, ""),
        values=sent,
        received_at=context.service().now() if received else None,
        max_lengths=LONGEST,
        errors=errors_of(refused),
        refusal=refusal_of(refused),
    )
    return shown(html, refused)


def _thread(site: Site) -> str | None:
    """The page of the thread that the query names: where one came from, whatever was reported."""
    if not request.args.get("article"):
        return None
    return ThreadUrls(urls.root(), site.slug, parameters.article(), PageRequest(), asked_language()).page


def _public_comment() -> PublicComment | None:
    """The comment that is reported, if it is public."""
    try:
        return read.comment(context.service(), context.reading(), _comment()).value
    except NotFound:
        return None
