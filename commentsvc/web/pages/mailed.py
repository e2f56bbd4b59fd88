"""Pages where the links of mails lead: they are for one reader, so nobody stores them; `web.headers` lets no page learn their addresses."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, render_template, request
from flask_babel import gettext

from commentsvc.errors import Problem
from commentsvc.http_terms import HTML
from commentsvc.web import problems, urls
from commentsvc.web.descriptions import query
from commentsvc.web.languages import translated
from commentsvc.web.responses import uncacheable

TOKEN = query("t", {"type": "string"}, "What stands in the mailed link.", required=True)


def token() -> str:
    """What stands behind `t=`."""
    return request.args.get("t", "")


def this_page() -> str:
    """The address of this page, to which its form is sent."""
    return f"{urls.root()}{request.full_path}"


def press_page(
    heading: str,
    texts: Sequence[str],
    *,
    button: str | None = None,
    links: Sequence[tuple[str, str]] = (),
    done: bool = False,
) -> Response:
    """A page that says what its one button does, or that it is *done*."""
    html = render_template(
        "press.html",
        root=urls.root(),
        action=this_page(),
        heading=heading,
        texts=texts,
        button=button,
        links=links,
        done=done,
    )
    return uncacheable(Response(html, content_type=HTML))


def refusal_page(refused: Problem, links: Sequence[tuple[str, str]] = ()) -> Response:
    """Why a link is good for nothing, and what to do."""
    response = press_page(gettext("This did not work"), [translated(refused.detail)], links=links)
    response.status_code = problems.status_of(refused)
    response.headers.update(problems.headers_of(refused))
    return response
