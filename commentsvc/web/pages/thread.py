"""The thread as HTML: the fragment that the widget shows, and the whole page with its form."""

from __future__ import annotations

from dataclasses import replace

from flask import Response, redirect, render_template, request

from commentsvc.actions import read
from commentsvc.errors import (
    NoSuchParent,
    Problem,
    TooLarge,
    UnsupportedMedia,
)
from commentsvc.http_terms import HTML
from commentsvc.intake.fields import LONGEST
from commentsvc.intake.plain_forms import of_plain_form
from commentsvc.model import State
from commentsvc.rate_limits.networks import network_of
from commentsvc.web import context, parameters
from commentsvc.web.counting import counts_itself, read_beyond_limit, thread_named
from commentsvc.web.descriptions import ARTICLE, OWN_RECEIPT, PAGE, SITE, TOLD, described, query
from commentsvc.web.forms import posting_form
from commentsvc.web.languages import ForReaders
from commentsvc.web.origins import check_origin
from commentsvc.web.pages.plain_forms import form_fields, led_to_own
from commentsvc.web.pages.thread_page import page, page_for_all
from commentsvc.web.posting import checked_submission, checked_text, posted, sent_before
from commentsvc.web.rendering import rendering
from commentsvc.web.responses import cacheable, compressed
from commentsvc.web.urls import ThreadUrls, asked_language, thread_urls

pages = ForReaders("pages", __name__)

ONE_READERS = ("own", "held", "deleted", "reply_to")  # parameters with which a page is not the same for all


@pages.get("/thread/fragment")
@described(
    "Reading",
    {200: HTML},
    [
        ARTICLE,
        SITE,
        *PAGE,
        query("closed", {"const": "1"}, "Show it as closed, on a page that says so."),
    ],
    refusals=(404, 422, 429),
)
def fragment() -> Response:
    """The thread as a piece of HTML, the same for every reader."""
    site, article, page_request = parameters.site(), parameters.article(), parameters.page_request()
    versioned = read.thread_page(context.service(), context.reading(), site, article, page_request)
    thread_page = versioned.value
    if request.args.get("closed") == "1":  # the publisher's page says so, for itself alone
        thread_page = replace(thread_page, open=False)
    root = context.service().settings.base_url  # it is shown on other people's pages
    html = render_template(
        "fragment.html",
        page=thread_page,
        own=None,
        scripted=True,
        urls=ThreadUrls(root, site.slug, article, page_request, asked_language()),
        site=site,
        settings=context.service().settings,
        max_lengths=LONGEST,
    )
    return cacheable(versioned, html, HTML)


@pages.get("/thread")
@described(
    "Reading",
    {200: HTML},
    [
        ARTICLE,
        SITE,
        *PAGE,
        *TOLD,
        query("reply_to", {"type": "string"}, "Set the form to answer this comment."),
        OWN_RECEIPT,
    ],
    refusals=(404, 422, 429),
)
def thread() -> Response:
    """The whole page, with a form and its fresh token."""
    site, article = parameters.site(), parameters.article()
    if not any(request.args.get(name) for name in ONE_READERS):
        return page_for_all(site, article)
    form = posting_form({"article": article, "parent": request.args.get("reply_to", "")})
    answer = page(site, article, form)
    return answer if request.args.get("own") else compressed(answer)


@pages.post("/thread")
@counts_itself
@described(
    "Posting",
    {303: None, 200: HTML, 422: HTML, 409: HTML, 429: HTML, 403: HTML, 413: HTML, 415: HTML, 503: HTML},
    [ARTICLE, SITE, *PAGE, *TOLD, OWN_RECEIPT],
    request="form",
    refusals=(404,),
)
def post_comment() -> Response:
    """Post or preview without JavaScript: 303 to the comment, or the page again with what was typed."""
    beyond = read_beyond_limit()  # whatever comes of it, a page is rendered
    site, article = thread_named(beyond)
    try:
        sent = form_fields(parameters.POSTING_FIELDS) | {"article": article} | _notify()
    except (TooLarge, UnsupportedMedia) as refused:
        return page(site, article, posting_form({"article": article}), beyond or refused)
    form = posting_form(sent)
    try:
        if beyond:
            raise beyond
        check_origin(site)
        if "preview" in request.form:
            with context.limits().counting() as counting, rendering(counting):
                _, preview = checked_text(sent, {})
            return page(site, article, form, preview=preview)
        with context.limits().counting() as counting:
            counting.attempt()
            with rendering(counting):
                submission, html = checked_submission(site, sent, {})
            network = network_of(context.client().ip)
            submission = of_plain_form(context.service(), submission, network)
            earlier = sent_before(counting, submission)
        answer = posted(counting, submission, html, earlier)
    except Problem as refused:
        if isinstance(refused, NoSuchParent):
            form.parent.data = ""  # so that pressing the button again posts it by itself
        return page(site, article, form, refused)
    urls = thread_urls(site, article)
    if not answer.with_keys:
        public = answer.state is State.APPROVED
        where = urls.comment(answer.comment.id) if public else urls.thread(held="1") + "#status"
        return redirect(where, 303)  # type: ignore[return-value]
    return led_to_own(urls, answer.comment.id, answer.state)


def _notify() -> dict[str, str]:
    """Which of the two boxes is ticked: the second one, which includes the first, where both are."""
    ticked = request.form.getlist("notify")
    return {"notify": ticked[-1]} if ticked else {}
