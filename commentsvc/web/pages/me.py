"""`/me`: who reads the mail of an address gets a link to what belongs to it, and there sees, downloads and erases it."""

from __future__ import annotations

import msgspec
from flask import Response, render_template
from flask_babel import gettext

from commentsvc.actions import own_data, persons
from commentsvc.errors import NotFound, OutOfDate, Problem, TooMany
from commentsvc.http_terms import HTML
from commentsvc.messages import message
from commentsvc.web import context, problems, urls
from commentsvc.web.counting import counts_itself, read_beyond_limit
from commentsvc.web.descriptions import described
from commentsvc.web.languages import ForReaders, language
from commentsvc.web.pages.mailed import TOKEN, press_page, refusal_page, this_page, token
from commentsvc.web.pages.plain_forms import errors_of, form_fields, refusal_of
from commentsvc.web.responses import uncacheable
from commentsvc.web.schemas import JSON
from commentsvc.web.urls import asked_language

MOST_LISTED = 200  # comments on the page; the file has all

own_pages = ForReaders("own_pages", __name__)


@own_pages.get("/me")
@described("Mail", {200: HTML, 404: HTML}, refusals=(429,))
def ask_for_address() -> Response:
    """The form that asks for an address."""
    return _form()


@own_pages.post("/me")
@counts_itself
@described("Mail", {200: HTML, 404: HTML, 413: HTML, 415: HTML, 422: HTML, 429: HTML}, request="address form")
def send_link() -> Response:
    """Let a link be mailed, if anything belongs to the address; whatever it is, the answer is the same."""
    beyond = read_beyond_limit()  # whatever comes of it, a page is rendered
    email = ""
    try:
        email = form_fields(("email",)).get("email", "")
    except Problem as refused:
        return _form(email, beyond or refused)
    try:
        if beyond:
            raise beyond
        if _sends_mail():
            context.limits().spend_access(persons.address_of_person(email))
            own_data.ask(context.service_to_write(), email, language())
    except Problem as refused:
        return _form(email, refused)
    return _form(asked=True)


def _sends_mail() -> bool:
    return context.service().settings.smtp_url is not None


def _form(email: str = "", refused: Problem | None = None, *, asked: bool = False) -> Response:
    if not _sends_mail():
        why = message("No mail is sent from here. Please write to those who run the site.")
        return refusal_page(refused if isinstance(refused, TooMany) else NotFound(why))
    html = render_template(
        "me.html",
        root=urls.root(),
        lang=asked_language(),
        email=email,
        asked=asked,
        errors=errors_of(refused),
        refusal=refusal_of(refused),
    )
    response = uncacheable(Response(html, content_type=HTML))
    if refused is not None:
        response.status_code = problems.status_of(refused)
        response.headers.update(problems.headers_of(refused))
    return response


@own_pages.get("/me/data")
@described("Mail", {200: HTML, 404: HTML, 410: HTML}, [TOKEN], refusals=(429,))
def own_page() -> Response:
    """What belongs to the address to which the link was mailed."""
    try:
        return _page()
    except Problem as refused:
        return _refused(refused)


@own_pages.post("/me/data")
@described(
    "Mail", {200: HTML, 404: HTML, 410: HTML}, [TOKEN], request="own data form", refusals=(413, 415, 422, 429)
)
def act() -> Response:
    """Download or erase it, or stop or resume mail."""
    try:
        return _done(form_fields(("do", "follow", "texts")))
    except Problem as refused:
        return _refused(refused)


def _done(sent: dict[str, str]) -> Response:
    match sent.get("do"):
        case "download":
            own = own_data.show(context.service(), context.reading(), token())
            answer = Response(msgspec.json.format(msgspec.json.encode(own.file)), content_type=JSON)
            answer.headers["Content-Disposition"] = 'attachment; filename="personal-data.json"'
            return uncacheable(answer)
        case "ask-erase":
            return _page(erasing=True)
        case "erase":
            own_data.erase(context.service_to_write(), token(), keep_text=sent.get("texts") == "keep")
            return press_page(
                gettext("Your comments and your data"),
                [gettext("It is erased, and this link is good for nothing any more.")],
                done=True,
            )
        case "stop" | "resume" as what:
            _set_follow(sent.get("follow", ""), stopped=what == "stop")
        case "stop-all" | "come-back" as what:
            own_data.set_follow(context.service_to_write(), token(), None, stopped=what == "stop-all")
    return _page(said=gettext("Saved.") if sent.get("do") != "show" else "")


def _set_follow(follow: str, *, stopped: bool) -> None:
    if follow.isascii() and follow.isdigit() and len(follow) < 19:
        own_data.set_follow(context.service_to_write(), token(), int(follow), stopped=stopped)


def _page(*, said: str = "", erasing: bool = False) -> Response:
    html = render_template(
        "me_data.html",
        root=urls.root(),
        action=this_page(),
        own=own_data.show(context.service(), context.reading(), token()),
        most=MOST_LISTED,
        said=said,
        erasing=erasing,
    )
    return uncacheable(Response(html, content_type=HTML))


def _refused(refused: Problem) -> Response:
    links = [(urls.me(), gettext("Ask for a new link"))] if isinstance(refused, OutOfDate) else []
    return refusal_page(refused, links)
