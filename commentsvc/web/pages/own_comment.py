"""One's own comment, edited and deleted in plain forms: where the private link leads."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request

from commentsvc.actions import edit, read
from commentsvc.actions.edit import OwnText
from commentsvc.errors import Forbidden, NotFound, Problem
from commentsvc.intake import guest_keys
from commentsvc.model import SafeHtml, Site
from commentsvc.web import context, counting, parameters
from commentsvc.web.origins import check_origin
from commentsvc.web.pages.thread import errors_of, form_fields, led_to_own, refusal_of, shown
from commentsvc.web.posting import checked_text
from commentsvc.web.rendering import rendering
from commentsvc.web.urls import thread_urls

editing = Blueprint("editing", __name__)


@editing.get("/thread/edit")
def edit_page() -> Response:
    """Where the private link leads: a form that asks for its edit key, or takes it from the link's fragment."""
    return _page(parameters.site(), parameters.article(), {}, asking=True)


@editing.post("/thread/edit")
def edit_comment() -> Response:
    """Open, save, preview or delete one's own comment by its edit key; to delete is asked once more."""
    beyond = counting.read_beyond_limit()  # whatever comes of it, a page is rendered
    site, article = counting.thread_named(beyond)
    service = context.service()
    comment, addresses = _comment(), thread_urls(site, article)
    own = None
    sent: dict[str, str] = {}
    try:
        sent = form_fields(("key", "text"))
        if beyond:
            raise beyond
        sent["key"] = _key(sent.get("key", ""))
        check_origin(site)
        context.limits().spend_attempt()
        own = edit.own_text(service, context.reading(), site, article, comment, sent["key"])
        if "open" in request.form:
            return _page(site, article, sent | {"text": own.text}, own)
        if request.form.get("delete") == "yes":
            edit.delete(context.service_to_write(), comment, own.key)
            return redirect(f"{addresses.thread(deleted='1')}#status", 303)  # type: ignore[return-value]
        if "delete" in request.form or "keep" in request.form:
            return _page(site, article, sent, own, deleting="delete" in request.form)
        with rendering():
            text, html = checked_text(site, sent, {})
        if "preview" in request.form:
            return _page(site, article, sent, own, preview=html)
        edited = edit.edit(context.service_to_write(), comment, own.key, text, html, client=context.client())
    except Problem as refused:
        return _page(site, article, sent, own, refused=refused)
    return led_to_own(addresses, comment, edited.state)


def _key(sent: str) -> str:
    """The edit key in what was sent: alone, or as the end of the private link."""
    return sent.rpartition("key=")[2].strip()


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
    html = render_template(
        "delete.html" if deleting else "key.html" if asking else "edit.html",
        thread=read.thread_facts(context.reading(), site, article),
        addresses=thread_urls(site, article),
        site=site,
        settings=context.service().settings,
        comment=_comment(),
        sent=sent,
        own=own,
        ended=ended,
        preview=preview,
        errors=errors_of(refused),
        refusal=refusal_of(refused),
    )
    return shown(html, refused)
