"""Pages that only say something: errors, for people with a browser, and what stands at the root."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, render_template, request
from flask_babel import gettext

from commentsvc.errors import FieldErrors
from commentsvc.http_terms import API, HTML, PROBLEM
from commentsvc.messages import message
from commentsvc.web import urls
from commentsvc.web.descriptions import described
from commentsvc.web.languages import ForReaders
from commentsvc.web.responses import uncacheable

root = ForReaders("root", __name__)

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
    """An error, said to a person; *detail* and *fields* are in the reader's language already."""
    texts = [text for texts in (fields or {}).values() for text in texts] or [detail]
    return message_page(
        gettext("This did not work"),
        texts,
        [(urls.front_page(), gettext("To the start page"))],
        f"HTTP {status}",
        status,
    )


def message_page(
    heading: str,
    texts: Sequence[str],
    links: Sequence[tuple[str, str]],
    note: str = "",
    status: int = 200,
) -> Response:
    """A page that says *texts* below a heading; *links* are addresses and what they are called."""
    html = render_template(
        "message.html",
        heading=heading,
        texts=texts,
        links=links,
        note=note,
        root=urls.root(),
    )
    return uncacheable(Response(html, status=status, content_type=HTML))
