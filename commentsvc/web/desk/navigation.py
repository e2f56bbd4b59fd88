"""The pages of the desk in the order of its navigation: a line each, with who sees it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Response, render_template

from commentsvc.http_terms import HTML
from commentsvc.model import Moderator
from commentsvc.web import urls
from commentsvc.web.forms import csrf_token
from commentsvc.web.responses import uncacheable


def everybody(_moderator: Moderator) -> bool:
    """Who is signed in sees it."""
    return True


@dataclass(frozen=True, slots=True)
class DeskPage:
    """A page that the navigation leads to; `path` is the one below /moderation."""

    path: str
    label: str
    is_for: Callable[[Moderator], bool] = everybody


PAGES = (
    DeskPage("", "Comments"),
    DeskPage("/account", "Your account"),
)


def desk_page(template: str, moderator: Moderator, path: str, **values: object) -> Response:
    """A page of the desk for who is signed in; *path* is the one in `PAGES` that it is, or belongs to."""
    html = render_template(
        template,
        moderator=moderator,
        pages=[page for page in PAGES if page.is_for(moderator)],
        path=path,
        csrf_token=csrf_token(),
        root=urls.root(),
        **values,
    )
    return uncacheable(Response(html, content_type=HTML))
