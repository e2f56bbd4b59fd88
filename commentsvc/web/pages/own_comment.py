"""One's own comment: as it stands in the thread, and edited and deleted in plain forms, where the private link leads."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response, redirect, render_template, request

from commentsvc.actions import edit, read
from commentsvc.actions.edit import OwnText
from commentsvc.actions.read import PageRequest
from commentsvc.actions.sites import site_of
from commentsvc.errors import Forbidden, NotFound, Problem, TooMany
from commentsvc.http_terms import HTML
from commentsvc.intake import guest_keys
from commentsvc.model import SafeHtml, Site
from commentsvc.web import context, parameters
from commentsvc.web.counting import counts_itself, read_beyond_limit, thread_named
from commentsvc.web.descriptions import ARTICLE, OWN, PLACE, SITE, described, query
from commentsvc.web.languages import ForReaders, language
from commentsvc.web.limits import Counting
from commentsvc.web.origins import check_origin
from commentsvc.web.pages.plain_forms import errors_of, form_fields, key_of, led_to_own, refusal_of, shown
from commentsvc.web.posting import checked_text
from commentsvc.web.rendering import rendering
from commentsvc.web.reporting import told_to_author
from commentsvc.web.responses import uncacheable
from commentsvc.web.urls import ThreadUrls, thread_urls

editing = ForReaders("editing", __name__)


@editing.get("/thread/own")
@described(
    "Posting",
    {200: HTML},
    [query("comment", {"type": "string"}, "Its id; the edit key is the bearer.", required=True)],
    refusals=(403, 404, 429),
    security=("editKey",),
)
def own_comment() -> Response:
    """One's own comment as a piece of HTML, as it stands in the thread; one that waits is marked."""
    service = context.service()
    key = parameters.edit_key()
    own = edit.own_comment(service, context.reading(), request.args.get("comment", ""), key)
    parent = own.comment.parent
    site = site_of(service, context.reading(), own.site)
    answered = (
        read.comment_of_thread(service, context.reading(), site, own.article, parent) if parent else None
    )
    urls = ThreadUrls(service.settings.base_url, own.site, own.article, PageRequest(), language())
    html = render_template(
        "own.html",
        comment=own.comment,
        held=own.held,
        told=told_to_author(own.comment.id, key) if own.held else None,
        private=urls.private(own.comment.id, key),
        answered=answered.author.name if answered and answered.author else None,
        urls=urls,
    )
    return uncacheable(Response(html, content_type=HTML))


@editing.get("/thread/edit")
@described(
    "Posting",
    {200: HTML},
    [ARTICLE, SITE, OWN, *PLACE],
    refusals=(404, 422, 429),
)
def edit_page() -> Response:
    """Where the private link leads: a form that asks for its edit key, or takes it from the link's fragment."""
    return _page(parameters.site(), parameters.article(), {}, asking=True)


@editing.post("/thread/edit")
@counts_itself
@described(
    "Posting",
    {303: None, 200: HTML, 403: HTML, 404: HTML, 413: HTML, 415: HTML, 422: HTML, 429: HTML},
    [ARTICLE, SITE, OWN, *PLACE],
    request="own form",
)
def edit_comment() -> Response:
    """Open, save, preview or delete one's own comment by its edit key; to delete is asked once more."""
    beyond = read_beyond_limit()  # whatever comes of it, a page is rendered
    site, article = thread_named(beyond)
    service = context.service()
    comment, urls = _comment(), thread_urls(site, article)
    own = None
    sent: dict[str, str] = {}
    try:
        sent = form_fields(("key", "text"))
        if beyond:
            raise beyond
        sent["key"] = key_of(sent.get("key", ""))
        check_origin(site)
        with context.limits().counting() as counting:
            counting.attempt()
            own = edit.own_text(service, context.reading(), site, article, comment, sent["key"])
            changed = _changed(counting, sent)
        if "open" in request.form:
            return _page(site, article, sent | {"text": own.text}, own)
        if request.form.get("delete") == "yes":
            edit.delete(context.service_to_write(), comment, own.key)
            return redirect(f"{urls.thread(deleted='1')}#status", 303)  # type: ignore[return-value]
        if changed is None:
            return _page(site, article, sent, own, deleting="delete" in request.form)
        text, html = changed
        if "preview" in request.form:
            return _page(site, article, sent, own, preview=html)
        edited = edit.edit(context.service_to_write(), comment, own.key, text, html, client=context.client())
    except Problem as refused:
        return _page(site, article, sent, own, refused=refused)
    return led_to_own(urls, comment, edited.state)


def _changed(counting: Counting, sent: Mapping[str, str]) -> tuple[str, SafeHtml] | None:
    """The text to preview or to save, and its HTML; None where something else is asked for.

    :raises Invalid: it cannot be a comment.
    """
    if request.form.keys() & {"open", "delete", "keep"}:
        return None
    with rendering(counting):
        return checked_text(sent, {})


def _comment() -> str:
    return request.args.get("comment", "")


def _page(
    site: Site,
    article: str,
    sent: dict[str, str],
    own: OwnText | None = None,
    *,
    refused: Problem | None = None,
    preview: SafeHtml | None = None,
    deleting: bool = False,
    asking: bool = False,
) -> Response:
    """The form with what was *sent*, or the question whether to delete; or for the edit key, where none opened it.

    It cannot be sent again where its key opens no comment.
    """
    if "open" in request.form and own is None:
        asking = not guest_keys.is_edit_key(context.service(), _comment(), sent.get("key", ""))
    ended = own is None and ("key" not in sent or isinstance(refused, (NotFound, Forbidden)))
    may_be_told = "key" in sent and not asking and not isinstance(refused, TooMany)
    html = render_template(
        "delete.html" if deleting else "key.html" if asking else "edit.html",
        thread=read.thread_facts(context.reading(), site, article),
        urls=thread_urls(site, article),
        site=site,
        settings=context.service().settings,
        comment=_comment(),
        values=sent,
        own=own,
        ended=ended,
        preview=preview,
        told=told_to_author(_comment(), sent["key"]) if may_be_told else None,
        errors=errors_of(refused),
        refusal=refusal_of(refused),
    )
    return shown(html, refused)
