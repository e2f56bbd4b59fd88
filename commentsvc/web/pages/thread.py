"""The thread as HTML: the fragment that the widget shows, and the whole page with its form."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from flask import Blueprint, Response, redirect, render_template, request
from flask_babel import gettext

from commentsvc.actions import edit, read
from commentsvc.actions.edit import OwnText
from commentsvc.actions.read import PageRequest
from commentsvc.cache import versions
from commentsvc.cache.store import Answer
from commentsvc.errors import (
    FieldErrors,
    Forbidden,
    Invalid,
    NoSuchParent,
    NotFound,
    Problem,
    TooLarge,
    UnsupportedMedia,
)
from commentsvc.http_terms import FORM, HTML
from commentsvc.intake import guest_keys
from commentsvc.intake.fields import LONGEST
from commentsvc.intake.plain_forms import of_plain_form
from commentsvc.model import PublicComment, SafeHtml, Site, State
from commentsvc.rate_limits.networks import network_of
from commentsvc.web import context, counting, parameters, problems
from commentsvc.web.forms import PostingForm, empty_form, filled_form
from commentsvc.web.languages import language, said, said_of_fields
from commentsvc.web.origins import check_origin
from commentsvc.web.posting import checked_submission, checked_text, post_within_limits
from commentsvc.web.rendering import rendering
from commentsvc.web.responses import cacheable, compressed, uncacheable
from commentsvc.web.urls import ThreadUrls, asked_language, thread_urls

pages = Blueprint("pages", __name__)


@pages.get("/thread/fragment")
def fragment() -> Response:
    """The thread as a piece of HTML, the same for every reader."""
    site, article, wanted = parameters.site(), parameters.article(), parameters.page_request()
    page = read.thread_page(context.service(), context.reading(), site, article, wanted)
    if request.args.get("closed") == "1":  # the publisher's page says so, for itself alone
        page = replace(page, open=False)
    root = context.service().settings.base_url  # it is shown on other people's pages
    html = render_template(
        "fragment.html",
        page=page,
        own=None,
        scripted=True,
        addresses=ThreadUrls(root, site.slug, article, wanted, asked_language()),
        site=site,
        settings=context.service().settings,
        most=LONGEST,
    )
    return cacheable(html, HTML, versions.of_thread(site.id, article))


@pages.get("/thread/own")
def own_comment() -> Response:
    """One's own comment as a piece of HTML, as it stands in the thread; one that waits is marked."""
    service = context.service()
    key = parameters.edit_key()
    own = edit.own_comment(service, context.reading(), request.args.get("comment", ""), key)
    parent = own.comment.parent
    answered = (
        read.comment_of_thread(service, context.reading(), own.site, own.article, parent) if parent else None
    )
    html = render_template(
        "own.html",
        comment=own.comment,
        held=own.held,
        answered=answered.author.name if answered and answered.author else None,
        addresses=ThreadUrls(service.settings.base_url, own.site, own.article, PageRequest(), language()),
    )
    return uncacheable(Response(html, content_type=HTML))


@pages.get("/thread")
def thread() -> Response:
    """The whole page, with a form and its fresh token."""
    site, article = parameters.site(), parameters.article()
    form = empty_form(context.service(), site, article)
    form.parent.data = request.args.get("reply_to", "")
    page = _page(site, article, form)
    return page if request.args.get("own") else compressed(page)


@pages.post("/thread")
def post_comment() -> Response:
    """Post or preview without JavaScript: 303 to the comment, or the page again with what was typed."""
    beyond = counting.read_beyond_limit()  # whatever comes of it, a page is rendered
    site, article = counting.thread_named(beyond)
    try:
        sent = form_fields(parameters.POSTING_FIELDS) | {"article": article}
    except (TooLarge, UnsupportedMedia) as refused:
        return _page(site, article, empty_form(context.service(), site, article), beyond or refused)
    form = filled_form(context.service(), site, sent)
    try:
        if beyond:
            raise beyond
        check_origin(site)
        if "preview" in request.form:
            with rendering():
                _, preview = checked_text(site, sent, {})
            return _page(site, article, form, preview=preview)
        context.limits().spend_attempt()
        with rendering():
            submission, html = checked_submission(form, {})
        network = network_of(context.client().ip)
        posted = post_within_limits(of_plain_form(context.service(), submission, network), html)
    except Problem as refused:
        if isinstance(refused, NoSuchParent):
            form.parent.data = ""  # so that pressing the button again posts it by itself
        return _page(site, article, form, refused)
    addresses = thread_urls(site, article)
    if not posted.with_keys:
        public = posted.state is State.APPROVED
        where = addresses.comment(posted.comment.id) if public else addresses.thread(held="1") + "#status"
        return redirect(where, 303)  # type: ignore[return-value]
    return led_to_own(addresses, posted.comment.id, posted.state)


def led_to_own(addresses: ThreadUrls, comment: str, state: State) -> Response:
    """303 to one's own comment, or to the word that it waits; there stands the private link to it."""
    receipt = guest_keys.receipt(context.service(), comment, network_of(context.client().ip))
    public = state is State.APPROVED
    where = addresses.own(comment, receipt) if public else addresses.waits(receipt)
    return redirect(where, 303)  # type: ignore[return-value]


def form_fields(names: Iterable[str]) -> dict[str, str]:
    """The named fields of the form that was sent.

    :raises TooLarge, UnsupportedMedia: none can be read.
    """
    parameters.body()
    if request.mimetype != FORM:
        raise UnsupportedMedia(f"Send the form as {FORM}.")
    return {name: request.form[name] for name in names if name in request.form}


def _page(
    site: Site,
    article: str,
    form: PostingForm,
    refused: Problem | None = None,
    preview: SafeHtml | None = None,
) -> Response:
    """The page with the form as it is filled in; on it, why something was *refused*, or the *preview*."""
    service = context.service()
    addresses = thread_urls(site, article)
    held, own = request.args.get("held") == "1", _own(site, article)
    discussion = _discussion(site, addresses, None if held else own)
    answered = _answered(site, article, form.parent.data)
    if answered is None and request.method == "GET":
        form.parent.data = ""  # the link leads to what is gone; of what was sent, posting tells
    html = render_template(
        "page.html",
        thread=read.thread_facts(context.reading(), site, article),
        discussion=discussion,
        addresses=addresses,
        site=site,
        settings=service.settings,
        most=LONGEST,
        form=form,
        # What was previewed is posted with the same token, which grew old enough meanwhile.
        token=(preview and form.token.data) or form.token.current_token,
        errors=errors_of(refused),
        refusal=refusal_of(refused),
        preview=preview,
        answered=answered,
        held=held,
        own=own,
        deleted=request.args.get("deleted") == "1",
    )
    return shown(html, refused)


def shown(html: str, refused: Problem | None) -> Response:
    """A page for this request alone; if something was *refused*, its status and headers tell it too."""
    response = uncacheable(Response(html, content_type=HTML))
    if refused is not None:
        response.status_code = problems.status_of(refused)
        response.headers.update(problems.headers_of(refused))
    return response


def refusal_of(refused: Problem | None) -> str | None:
    """What the page says of it above the button; errors of fields stand beside them."""
    if refused is None:
        return None
    if isinstance(refused, Invalid):
        errors = errors_of(refused)  # these two fields are not to be seen
        return " ".join((*errors.get("token", []), *errors.get("article", []))) or gettext(
            "Please correct what is marked below."
        )
    return said(refused.detail)


def errors_of(refused: Problem | None) -> FieldErrors:
    """What the page says beside its fields."""
    return said_of_fields(refused.errors) if isinstance(refused, Invalid) else {}


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


def _discussion(site: Site, addresses: ThreadUrls, own: OwnText | None) -> SafeHtml:
    """The comments as the page shows them: rendered once a version, for all of its readers but an author."""

    def render() -> str:
        page = read.thread_page(
            context.service(), context.reading(), site, addresses.article, addresses.wanted
        )
        return render_template("discussion.html", page=page, addresses=addresses, own=own, scripted=False)

    if own is not None:
        return SafeHtml(render())
    subject = versions.of_thread(site.id, addresses.article)
    version = context.versions().within(context.reading(), subject)
    key = f"discussion in {language()}", addresses.this_page()

    def make() -> Answer:
        return Answer(subject, version, "", [], render().encode())

    answer = context.response_cache().get_or_render(key, lambda cached: cached.version == version, make)
    return SafeHtml(answer.plain().decode())


def _answered(site: Site, article: str, parent: str | None) -> PublicComment | None:
    """The comment that the form answers, if it is public in this thread."""
    return (
        read.comment_of_thread(context.service(), context.reading(), site.slug, article, parent)
        if parent
        else None
    )
