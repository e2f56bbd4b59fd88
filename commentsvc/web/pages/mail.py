"""To confirm and to stop mail, by the links in it: a GET changes nothing, as programs follow links to look at them."""

from __future__ import annotations

from flask import Response
from flask_babel import gettext

from commentsvc.actions import following
from commentsvc.actions.following import Stop
from commentsvc.errors import LinkForgotten, MailStopped, Problem
from commentsvc.http_terms import HTML
from commentsvc.messages import message
from commentsvc.model import QuestionKind
from commentsvc.web import context, urls
from commentsvc.web.descriptions import described
from commentsvc.web.languages import ForReaders, translated
from commentsvc.web.pages.mailed import TOKEN, press_page, refusal_page, token

mail_pages = ForReaders("mail_pages", __name__)


@mail_pages.get("/mail/confirm")
@described("Mail", {200: HTML, 404: HTML, 410: HTML}, [TOKEN], refusals=(429,))
def ask_to_confirm() -> Response:
    """The question whether mail is wanted, with one button."""
    try:
        following.question_of(context.service(), context.reading(), QuestionKind.CONFIRM, token())
    except Problem as refused:
        return _not_confirmed(refused)
    return press_page(
        gettext("Emails about comments"),
        [gettext("Press the button, and you get the emails about comments that were asked for.")],
        button=gettext("Yes, send me these emails"),
    )


@mail_pages.post("/mail/confirm")
@described("Mail", {200: HTML, 404: HTML, 410: HTML}, [TOKEN], refusals=(429,))
def confirm() -> Response:
    """Let the mail be sent that was asked for."""
    try:
        following.confirm(context.service_to_write(), token())
    except Problem as refused:
        return _not_confirmed(refused)
    return press_page(
        gettext("Emails about comments"),
        [gettext("Thank you. You get these emails from now on; each has a link that stops them.")],
        done=True,
    )


@mail_pages.get("/mail/stop")
@described("Mail", {200: HTML, 404: HTML}, [TOKEN], refusals=(429,))
def ask_to_stop() -> Response:
    """What the link stops, with one button."""
    try:
        stop = following.stop_of(context.service(), context.reading(), token())
    except Problem as refused:
        return refusal_page(refused)
    text = (
        gettext("Press the button, and no emails come to you from here any more.")
        if stop.everything
        else translated(
            message("Press the button, and no more emails about “%(title)s” come to you.", title=stop.title)
        )
    )
    return press_page(_heading(stop), [text], button=_heading(stop))


@mail_pages.post("/mail/stop")
@described("Mail", {200: HTML, 404: HTML}, [TOKEN], refusals=(429,))
def stop() -> Response:
    """Stop it at once, as the button does and a mail program's own (RFC 8058): the token is all that it takes."""
    try:
        following.stop(context.service_to_write(), token())
        stopped = following.stop_of(context.service(), context.reading(), token())
    except Problem as refused:
        return refusal_page(refused)
    done = (
        gettext("Done. No emails come to you from here any more.")
        if stopped.everything
        else translated(message("Done. No more emails about “%(title)s” come to you.", title=stopped.title))
    )
    return press_page(_heading(stopped), [done], links=_links(stopped), done=True)


def _not_confirmed(refused: Problem) -> Response:
    """Why a question cannot be answered; where another would not come by a comment, `/me` is the way."""
    links = []
    if isinstance(refused, MailStopped):
        links = [(urls.me(), gettext("If you change your mind"))]
    elif isinstance(refused, LinkForgotten):
        links = [(urls.me(), gettext("Ask for a new link"))]
    return refusal_page(refused, links)


def _heading(stop: Stop) -> str:
    what: str = (
        gettext("Stop all emails") if stop.everything else gettext("Stop emails about this discussion")
    )
    return what


def _links(stop: Stop) -> list[tuple[str, str]]:
    if stop.everything:
        return [(urls.me(), gettext("If you change your mind"))]
    return [(stop.url, gettext("Back to the discussion"))]
