"""The thread as HTML: the fragment that the widget shows, and the whole page with its form."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from secrets import token_urlsafe

from flask import Blueprint, Response, redirect, render_template, request
from flask_babel import gettext

from commentsvc.actions import edit, read
from commentsvc.actions.edit import OwnText
from commentsvc.actions.read import PageRequest
from commentsvc.cache.gapped import GappedPage
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
from commentsvc.intake import form_tokens, guest_keys
from commentsvc.intake.fields import LONGEST
from commentsvc.intake.plain_forms import of_plain_form
from commentsvc.model import PublicComment, SafeHtml, Site, State, Version
from commentsvc.rate_limits.networks import network_of
from commentsvc.web import context, parameters, problems
from commentsvc.web.counting import counts_itself, read_beyond_limit, thread_named
from commentsvc.web.descriptions import ARTICLE, OWN_RECEIPT, PAGE, SITE, TOLD, described, query
from commentsvc.web.forms import PostingForm, posting_form
from commentsvc.web.languages import language, said, said_of_fields
from commentsvc.web.origins import check_origin
from commentsvc.web.posting import checked_submission, checked_text, posted, sent_before
from commentsvc.web.rendering import rendering
from commentsvc.web.responses import cacheable, compressed, uncacheable, with_text
from commentsvc.web.urls import ThreadUrls, asked_language, thread_urls

pages = Blueprint("pages", __name__)

ONE_READERS = ("own", "held", "deleted", "reply_to")  # parameters with which a page is not the same for all
TOKEN_GAP = token_urlsafe(16)  # where a token goes; nobody knows it, so no comment has it


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
    page = versioned.value
    if request.args.get("closed") == "1":  # the publisher's page says so, for itself alone
        page = replace(page, open=False)
    root = context.service().settings.base_url  # it is shown on other people's pages
    html = render_template(
        "fragment.html",
        page=page,
        own=None,
        scripted=True,
        urls=ThreadUrls(root, site.slug, article, page_request, asked_language()),
        site=site,
        settings=context.service().settings,
        max_lengths=LONGEST,
    )
    return cacheable(versioned, html, HTML)


@pages.get("/thread/own")
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
    answered = (
        read.comment_of_thread(service, context.reading(), own.site, own.article, parent) if parent else None
    )
    html = render_template(
        "own.html",
        comment=own.comment,
        held=own.held,
        answered=answered.author.name if answered and answered.author else None,
        urls=ThreadUrls(service.settings.base_url, own.site, own.article, PageRequest(), language()),
    )
    return uncacheable(Response(html, content_type=HTML))


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
        return _page_for_all(site, article)
    form = posting_form({"article": article, "parent": request.args.get("reply_to", "")})
    page = _page(site, article, form)
    return page if request.args.get("own") else compressed(page)


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
        sent = form_fields(parameters.POSTING_FIELDS) | {"article": article}
    except (TooLarge, UnsupportedMedia) as refused:
        return _page(site, article, posting_form({"article": article}), beyond or refused)
    form = posting_form(sent)
    try:
        if beyond:
            raise beyond
        check_origin(site)
        if "preview" in request.form:
            with context.limits().counting() as counting, rendering(counting):
                _, preview = checked_text(sent, {})
            return _page(site, article, form, preview=preview)
        with context.limits().counting() as counting:
            counting.attempt()
            with rendering(counting):
                submission, html = checked_submission(site, sent, {})
            network = network_of(context.client().ip)
            submission = of_plain_form(context.service(), submission, network)
            earlier = sent_before(counting, submission)
        answer = posted(submission, html, earlier)
    except Problem as refused:
        if isinstance(refused, NoSuchParent):
            form.parent.data = ""  # so that pressing the button again posts it by itself
        return _page(site, article, form, refused)
    urls = thread_urls(site, article)
    if not answer.with_keys:
        public = answer.state is State.APPROVED
        where = urls.comment(answer.comment.id) if public else urls.thread(held="1") + "#status"
        return redirect(where, 303)  # type: ignore[return-value]
    return led_to_own(urls, answer.comment.id, answer.state)


def led_to_own(urls: ThreadUrls, comment: str, state: State) -> Response:
    """303 to one's own comment, or to the word that it waits; there stands the private link to it."""
    receipt = guest_keys.receipt(context.service(), comment, network_of(context.client().ip))
    public = state is State.APPROVED
    where = urls.own(comment, receipt) if public else urls.waits(receipt)
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


def _page_for_all(site: Site, article: str) -> Response:
    """The page with an empty form: rendered once a version, for all of its readers, but for the form's token."""
    service, urls = context.service(), thread_urls(site, article)
    state = read.thread_state(service, context.reading(), site, article)

    def make() -> Answer:
        discussion = SafeHtml(_rendered_discussion(site, urls, None))
        html = _html(site, urls, posting_form({"article": article}), discussion, token=TOKEN_GAP, errors={})
        page = GappedPage.around(TOKEN_GAP.encode(), html.encode())
        return Answer(state.subject, state.version, "", [], None, gapped=page)

    page = _cached("page", urls, state.version, make).gapped
    assert page is not None  # noqa: S101
    return with_text(page, form_tokens.issue(service, site, article) if page.has_gap else "", HTML)


def _html(site: Site, urls: ThreadUrls, form: PostingForm, discussion: SafeHtml, **more: object) -> str:
    return render_template(
        "page.html",
        thread=read.thread_facts(context.service(), context.reading(), site, urls.article).value,
        discussion=discussion,
        urls=urls,
        site=site,
        settings=context.service().settings,
        max_lengths=LONGEST,
        form=form,
        **more,
    )


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
        read.comment_of_thread(context.service(), context.reading(), site.slug, article, parent)
        if parent
        else None
    )
