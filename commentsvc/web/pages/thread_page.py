"""How the whole page comes about: the thread and its form, kept for all readers with a gap for the form's token."""

from __future__ import annotations

from collections.abc import Callable
from secrets import token_urlsafe

from flask import Response, render_template, request

from commentsvc.actions import edit, read
from commentsvc.actions.edit import OwnText
from commentsvc.cache.gapped import GappedPage
from commentsvc.cache.store import Answer
from commentsvc.errors import (
    Forbidden,
    NotFound,
    Problem,
)
from commentsvc.http_terms import HTML
from commentsvc.intake import form_tokens, guest_keys
from commentsvc.intake.fields import LONGEST
from commentsvc.model import PublicComment, SafeHtml, Site, Version
from commentsvc.rate_limits.networks import network_of
from commentsvc.web import context
from commentsvc.web.forms import PostingForm, posting_form
from commentsvc.web.languages import language
from commentsvc.web.pages.plain_forms import errors_of, refusal_of, shown
from commentsvc.web.responses import with_text
from commentsvc.web.urls import ThreadUrls, thread_urls

TOKEN_GAP = token_urlsafe(16)  # where a token goes; nobody knows it, so no comment has it


def page(
    site: Site,
    article: str,
    form: PostingForm,
    refused: Problem | None = None,
    preview: SafeHtml | None = None,
) -> Response:
    """The page with the form as it is filled in; on it, why something was *refused*, or the *preview*."""
    urls = thread_urls(site, article)
    held, own = request.args.get("held") == "1", _own(site, article)
    answered = _answered(site, article, form.parent.data)
    if answered is None and request.method == "GET":
        form.parent.data = ""  # the link leads to what is gone; of what was sent, posting tells
    html = _html(
        site,
        urls,
        form,
        _discussion(site, urls, None if held else own),
        # What was previewed is posted with the same token, which grew old enough meanwhile.
        token=(preview and request.form.get("token")) or form_tokens.issue(context.service(), site, article),
        errors=errors_of(refused),
        refusal=refusal_of(refused),
        preview=preview,
        answered=answered,
        held=held,
        own=own,
        deleted=request.args.get("deleted") == "1",
    )
    return shown(html, refused)


def page_for_all(site: Site, article: str) -> Response:
    """The page with an empty form: rendered once a version, for all of its readers, but for the form's token."""
    service, urls = context.service(), thread_urls(site, article)
    state = read.thread_state(service, context.reading(), site, article)

    def make() -> Answer:
        discussion = SafeHtml(_rendered_discussion(site, urls, None))
        html = _html(site, urls, posting_form({"article": article}), discussion, token=TOKEN_GAP, errors={})
        gapped = GappedPage.around(TOKEN_GAP.encode(), html.encode())
        return Answer(state.subject, state.version, "", [], None, gapped=gapped)

    gapped = _cached("page", urls, state.version, make).gapped
    assert gapped is not None  # noqa: S101
    return with_text(gapped, form_tokens.issue(service, site, article) if gapped.has_gap else "", HTML)


def _html(site: Site, urls: ThreadUrls, form: PostingForm, discussion: SafeHtml, **more: object) -> str:
    return render_template(
        "page.html",
        thread=read.thread_facts(context.reading(), site, urls.article),
        discussion=discussion,
        urls=urls,
        site=site,
        settings=context.service().settings,
        max_lengths=LONGEST,
        form=form,
        **more,
    )


def _own(site: Site, article: str) -> OwnText | None:
    """The comment that its author just posted and may still edit."""
    service = context.service()
    network = network_of(context.client().ip)
    comment = guest_keys.comment_of_receipt(service, request.args.get("own", ""), network)
    if comment is None:
        return None
    try:
        return edit.own_text(
            service, context.reading(), site, article, comment, guest_keys.edit_key(service, comment)
        )
    except (NotFound, Forbidden):
        return None


def _discussion(site: Site, urls: ThreadUrls, own: OwnText | None) -> SafeHtml:
    """The comments as the page shows them: rendered once a version, for all of its readers but an author."""
    if own is not None:
        return SafeHtml(_rendered_discussion(site, urls, own))
    state = read.thread_state(context.service(), context.reading(), site, urls.article)

    def make() -> Answer:
        html = _rendered_discussion(site, urls, None)
        return Answer(state.subject, state.version, "", [], html.encode())

    return SafeHtml(_cached("discussion", urls, state.version, make).plain().decode())


def _rendered_discussion(site: Site, urls: ThreadUrls, own: OwnText | None) -> str:
    page = read.thread_page(context.service(), context.reading(), site, urls.article, urls.page_request).value
    return render_template("discussion.html", page=page, urls=urls, own=own, scripted=False)


def _cached(what: str, urls: ThreadUrls, version: Version, make: Callable[[], Answer]) -> Answer:
    """What *make* gives, once for each version, language and address."""
    key = f"{what} in {language()}", urls.this_page()
    return context.response_cache().get_or_render(key, lambda cached: cached.version == version, make)


def _answered(site: Site, article: str, parent: str | None) -> PublicComment | None:
    """The comment that the form answers, if it is public in this thread."""
    return (
        read.comment_of_thread(context.service(), context.reading(), site, article, parent)
        if parent
        else None
    )
