"""The thread as HTML: the fragment that the widget shows, and the whole page with its form."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, render_template, request

from commentsvc.actions import read, receive
from commentsvc.actions.read import PageRequest
from commentsvc.errors import Invalid, NoSuchParent, Problem, TooLarge, TooMany, UnsupportedMedia
from commentsvc.intake.form import LONGEST, PostingForm
from commentsvc.model import Order, PublicComment, SafeHtml, Site, State
from commentsvc.storage import versions
from commentsvc.storage.database import reading
from commentsvc.storage.sites import DEFAULT
from commentsvc.web import current, parameters, problems
from commentsvc.web.caching import cacheable, uncacheable
from commentsvc.web.kept import Answer
from commentsvc.web.origins import check_origin
from commentsvc.web.posting import post_within_limits

pages = Blueprint("pages", __name__)

HTML = "text/html; charset=utf-8"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Builds the addresses that a thread's markup links to, under `root`.

    `page` is the one that this thread's begin with: a fragment has hundreds of them.
    """

    root: str
    site: str
    article: str
    wanted: PageRequest
    page: str = field(init=False)

    def __post_init__(self) -> None:
        """Write `page` down."""
        query = {"article": self.article}
        if self.site != DEFAULT:
            query["site"] = self.site
        if self.wanted.order != "oldest":
            query["order"] = str(self.wanted.order)
        if self.wanted.limit != read.DEFAULT_PAGE:
            query["limit"] = str(self.wanted.limit)
        object.__setattr__(self, "page", f"{self.root}/thread?{urlencode(query)}")

    def thread(self, **more: str) -> str:
        """The whole page of this thread; *more* goes into the query."""
        return f"{self.page}&{urlencode(more)}" if more else self.page

    def comment(self, comment: str) -> str:
        """The page on which that comment stands, at the comment; ids need no escapes."""
        return f"{self.page}&comment={comment}#comment-{comment}"

    def reply(self, comment: str) -> str:
        """The page with the form set to answer that comment."""
        return f"{self.page}&comment={comment}&reply_to={comment}#respond"

    def ordered(self, order: str) -> str:
        """The beginning of this thread in that order."""
        return replace(self, wanted=PageRequest(Order(order), self.wanted.limit)).page

    def feed(self) -> str:
        """The Atom feed of this thread."""
        query = {"article": self.article} | ({} if self.site == DEFAULT else {"site": self.site})
        return f"{self.root}/feeds/thread.atom?{urlencode(query)}"


@pages.get("/thread/fragment")
def fragment() -> Response:
    """The thread as a piece of HTML, the same for every reader."""
    current.limits().spend_read()
    site, article, wanted = parameters.site(), parameters.article(), parameters.page_request()
    page = read.thread_page(current.service(), site, article, wanted)
    root = current.service().settings.base_url  # it is shown on other people's pages
    html = render_template(
        "fragment.html",
        page=page,
        addresses=Addresses(root, site.slug, article, wanted),
        site=site,
        settings=current.service().settings,
        most=LONGEST,
    )
    return cacheable(html, HTML, versions.of_thread(site.id, article))


@pages.get("/thread")
def thread() -> Response:
    """The whole page, with a form and its fresh token."""
    current.limits().spend_read()
    site, article = parameters.site(), parameters.article()
    form = receive.form_to_fill(current.service(), site, article)
    form.parent.data = request.args.get("reply_to", "")
    return _page(site, article, form)


@pages.post("/thread")
def post_comment() -> Response:
    """Post or preview without JavaScript: 303 to the comment, or the page again with what was typed."""
    current.limits().spend_read()  # whatever comes of it, a page is rendered
    site, article, wanted = parameters.site(), parameters.article(), parameters.page_request()
    try:
        sent = _form_fields() | {"article": article}
    except (TooLarge, UnsupportedMedia) as refused:
        return _page(site, article, receive.form_to_fill(current.service(), site, article), refused)
    form = receive.form_sent(current.service(), site, sent)
    try:
        check_origin(site)
        if "preview" in request.form:
            return _page(site, article, form, preview=receive.text_of(current.service(), site, sent, {})[1])
        current.limits().spend_attempt()
        posted = post_within_limits(*receive.submission_of(form, {}))
    except Problem as refused:
        if isinstance(refused, NoSuchParent):
            form.parent.data = ""  # so that pressing the button again posts it by itself
        return _page(site, article, form, refused)
    addresses = Addresses(current.service().settings.base_path(), site.slug, article, wanted)
    if posted.state is not State.APPROVED:
        return redirect(addresses.thread(held="1"), 303)  # type: ignore[return-value]
    return redirect(addresses.comment(posted.comment.id), 303)  # type: ignore[return-value]


def _form_fields() -> dict[str, str]:
    parameters.body()
    if request.mimetype != FORM:
        raise UnsupportedMedia(f"Send the form as {FORM}.")
    return {name: request.form[name] for name in parameters.POSTING_FIELDS if name in request.form}


def _page(
    site: Site,
    article: str,
    form: PostingForm,
    refused: Problem | None = None,
    preview: SafeHtml | None = None,
) -> Response:
    """The page with the form as it is filled in; on it, why something was *refused*, or the *preview*."""
    service = current.service()
    addresses = Addresses(service.settings.base_path(), site.slug, article, parameters.page_request())
    discussion = _discussion(site, addresses)
    answered = _answered(site, article, form.parent.data)
    if answered is None and request.method == "GET":
        form.parent.data = ""  # the link leads to what is gone; of what was sent, posting tells
    html = render_template(
        "page.html",
        thread=read.thread_facts(site, article),
        discussion=discussion,
        addresses=addresses,
        site=site,
        settings=service.settings,
        most=LONGEST,
        form=form,
        # What was previewed is posted with the same token, which grew old enough meanwhile.
        token=(preview and form.token.data) or form.token.current_token,
        errors=refused.errors if isinstance(refused, Invalid) else {},
        refusal=_said(refused),
        preview=preview,
        answered=answered,
        held=request.args.get("held") == "1",
    )
    response = uncacheable(Response(html, content_type=HTML))
    if refused is not None:
        response.status_code = problems.status_of(refused)
        response.headers.update(problems.headers_of(refused))
    return response


def _said(refused: Problem | None) -> str | None:
    if refused is None:
        return None
    if isinstance(refused, TooMany):
        return (
            f"That was a lot in a short time. Please wait {refused.seconds} seconds, then send it again; "
            "your text is kept."
        )
    if isinstance(refused, Invalid):
        return " ".join(refused.errors.get("token", [])) or "Please correct what is marked below."
    return refused.detail


def _discussion(site: Site, addresses: Addresses) -> SafeHtml:
    """The comments as the page shows them: rendered once a version, for all of its readers."""
    subject = versions.of_thread(site.id, addresses.article)
    version = current.versions().within(reading(), subject)

    def make() -> Answer:
        page = read.thread_page(current.service(), site, addresses.article, addresses.wanted)
        html = render_template("discussion.html", page=page, addresses=addresses)
        return Answer(subject, version, "", [], html.encode())

    answer = current.kept().made(addresses, lambda kept: kept.version == version, make)
    return SafeHtml(answer.plain().decode())


def _answered(site: Site, article: str, parent: str | None) -> PublicComment | None:
    """The comment that the form answers, if it is public in this thread."""
    return read.comment_of_thread(current.service(), site.slug, article, parent) if parent else None
