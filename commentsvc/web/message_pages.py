"""Pages that only say something: errors, for people with a browser, and what stands at the root."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, redirect, render_template, request
from flask_babel import gettext
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from commentsvc.errors import FieldErrors
from commentsvc.http_terms import API, HTML, PROBLEM
from commentsvc.messages import message
from commentsvc.web import context, urls
from commentsvc.web.descriptions import described
from commentsvc.web.languages import ForReaders
from commentsvc.web.responses import uncacheable

root = ForReaders("root", __name__)

TYPED = ("text", "note", "words", "word")  # fields of our forms in which one writes at length
NOT_HERE = message("There is nothing at this address.")


@root.get("/")
@described("Running", {200: HTML}, refusals=(429,))
def front_page() -> Response:
    """What this is, and where to go."""
    return message_page(
        gettext("Comments"),
        [
            gettext(
                "This is a comment service. Comments are read and written below the articles of the sites that use it."
            )
        ],
        [(urls.queue(), gettext("For moderators")), (urls.docs(), gettext("For developers"))],
    )


def wants_page() -> bool:
    """Whether the request is a browser's that opens a page, and not a program's or a script's.

    Who accepts anything is no browser: those name `text/html`.
    """
    accepted = request.accept_mimetypes
    names_html = any(kind == "text/html" for kind, _ in accepted)
    liked = accepted["text/html"]
    others = max(accepted[PROBLEM], accepted["application/json"])
    return names_html and liked > 0 and liked >= others and not request.path.startswith(API)


def error_page(status: int, detail: str, fields: FieldErrors | None) -> Response:
    """An error, said to a person, with what they typed; *detail* and *fields* are in the reader's language already."""
    texts = [text for texts in (fields or {}).values() for text in texts] or [detail]
    return _not_done(texts, (urls.front_page(), gettext("To the start page")), status)


def to_sign_in() -> AnyResponse:
    """Lead who is not signed in to where one does that; a session may end while one writes, and that is shown then."""
    if not _typed():
        return redirect(urls.sign_in(), 303)
    text = gettext("You are no longer signed in, so nothing was done. Sign in and send it again.")
    return _not_done([text], (urls.sign_in(), gettext("Sign in")), 403)


def _not_done(texts: Sequence[str], link: tuple[str, str], status: int) -> Response:
    return message_page(gettext("This did not work"), texts, [link], f"HTTP {status}", status, _typed())


def _typed() -> str:
    """The long texts of the form that is answered; nothing where it was not sent by a page of this service.

    Else another site could have our pages show people its words.
    """
    own = context.service().settings.own_origins()
    sent_by_us = (
        request.headers.get("Sec-Fetch-Site") == "same-origin" or request.headers.get("Origin") in own
    )
    if request.method != "POST" or not sent_by_us:
        return ""
    try:
        texts = [request.form.get(name, "").strip() for name in TYPED]
    except HTTPException:  # it is too large to be read, which is what the page tells
        return ""
    return "\n\n".join(filter(None, texts)).replace("\0", "")


def message_page(
    heading: str,
    texts: Sequence[str],
    links: Sequence[tuple[str, str]],
    note: str = "",
    status: int = 200,
    kept: str = "",
) -> Response:
    """A page that says *texts* below a heading; *links* are addresses and what they are called.

    :param kept: what a person typed, and can take from there.
    """
    html = render_template(
        "message.html",
        heading=heading,
        texts=texts,
        links=links,
        note=note,
        kept=kept,
        root=urls.root(),
    )
    return uncacheable(Response(html, status=status, content_type=HTML))
