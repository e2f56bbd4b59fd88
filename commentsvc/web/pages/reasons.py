"""Why one's own comment is not public, and what one says against it, in a plain form."""

from __future__ import annotations

from flask import Response, render_template, request

from commentsvc.actions import read, reasons
from commentsvc.errors import Problem
from commentsvc.http_terms import HTML
from commentsvc.intake.reports import read_objection
from commentsvc.intake.submissions import SentFields
from commentsvc.model import Site
from commentsvc.web import context
from commentsvc.web.counting import counts_itself, read_beyond_limit, thread_named
from commentsvc.web.descriptions import ARTICLE, OWN, PLACE, SITE, described
from commentsvc.web.languages import ForReaders
from commentsvc.web.origins import check_origin
from commentsvc.web.pages.plain_forms import errors_of, form_fields, key_of, refusal_of, shown
from commentsvc.web.reporting import told_to_author
from commentsvc.web.urls import thread_urls

objecting = ForReaders("objecting", __name__)


@objecting.post("/thread/reasons")
@counts_itself
@described(
    "Posting",
    {200: HTML, 403: HTML, 404: HTML, 409: HTML, 413: HTML, 415: HTML, 422: HTML, 429: HTML},
    [ARTICLE, SITE, OWN, *PLACE],
    request="objection form",
)
def object_to_decision() -> Response:
    """Object to the decision against one's own comment; the page shows the statement of reasons again."""
    beyond = read_beyond_limit()  # whatever comes of it, a page is rendered
    site, article = thread_named(beyond)
    sent: dict[str, str] = {}
    try:
        sent = form_fields(("key", "objection"))
        if beyond:
            raise beyond
        sent["key"] = key_of(sent.get("key", ""))
        check_origin(site)
        with context.limits().counting() as counting:
            counting.attempt()
            words = read_objection(SentFields(sent, {}), "objection")
        reasons.object_to(context.service_to_write(), _comment(), sent["key"], words)
    except Problem as refused:
        return _page(site, article, sent, refused)
    return _page(site, article, {"key": sent["key"]})


def _comment() -> str:
    return request.args.get("comment", "")


def _page(site: Site, article: str, sent: dict[str, str], refused: Problem | None = None) -> Response:
    html = render_template(
        "reasons.html",
        thread=read.thread_facts(context.reading(), site, article),
        urls=thread_urls(site, article),
        site=site,
        comment=_comment(),
        told=told_to_author(_comment(), sent.get("key", "")),
        received=refused is None,
        values=sent,
        errors=errors_of(refused),
        refusal=refusal_of(refused),
    )
    return shown(html, refused)
