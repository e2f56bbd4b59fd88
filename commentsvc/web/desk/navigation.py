"""The pages of the desk in the order of its navigation: a line each, with who sees it, and whether daily."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Response, render_template, request

from commentsvc.http_terms import HTML
from commentsvc.messages import Message, message
from commentsvc.model import Moderator, Permission
from commentsvc.publishing.scripts import Script, script_url
from commentsvc.web import urls
from commentsvc.web.forms import csrf_token
from commentsvc.web.headers import script_source
from commentsvc.web.responses import compressed, uncacheable

ELSEWHERE = frozenset(
    {"cross-site", "same-site"}
)  # what browsers say of a request that another site's page makes


def everybody(_moderator: Moderator) -> bool:
    """Who is signed in sees it."""
    return True


def _manages(moderator: Moderator) -> bool:
    return moderator.may_everywhere(Permission.MANAGE)


def manages_some(moderator: Moderator) -> bool:
    """Admins see it, of one site too."""
    return moderator.may(Permission.MANAGE)


@dataclass(frozen=True, slots=True)
class DeskPage:
    """A page that the navigation leads to; `path` is the one below /moderation.

    What is *daily* stands in a row where there is room for it, and in the menu where there is none.
    """

    path: str
    label: Message
    is_for: Callable[[Moderator], bool] = everybody
    daily: bool = False


PAGES = (
    DeskPage("", message("Comments"), daily=True),
    DeskPage("/rules", message("Rules and blocks"), daily=True),
    DeskPage("/log", message("Log"), daily=True),
    DeskPage("/figures", message("Figures"), daily=True),
    DeskPage("/people", message("People"), _manages),
    DeskPage("/person", message("Personal data"), manages_some),
    DeskPage("/tokens", message("API tokens"), _manages),
    DeskPage("/outbox", message("Outbox"), _manages),
    DeskPage("/webhooks", message("Webhooks"), _manages),
    DeskPage("/account", message("Your account")),
)


def pages_for(moderator: Moderator) -> list[DeskPage]:
    """The pages that this moderator sees."""
    return [page for page in PAGES if page.is_for(moderator)]


def desk_page(
    template: str, moderator: Moderator, path: str, *, scripted: bool = False, **values: object
) -> Response:
    """A page of the desk for who is signed in.

    :param path: the one in `PAGES` that it is, or belongs to.
    :param scripted: whether the desk's script runs on it.
    """
    script = script_url(Script.DESK) if scripted else None
    html = render_template(
        template,
        moderator=moderator,
        pages=pages_for(moderator),
        path=path,
        module=script,
        csrf_token=csrf_token(),
        root=urls.root(),
        **values,
    )
    response = uncacheable(Response(html, content_type=HTML))
    if script is not None:
        response.policy = {"script-src": script_source(script), "connect-src": "'self'"}  # type: ignore[attr-defined]
    # What another site opens is sent as it is: it could choose what stands beside an address, and measure (decision 65).
    return response if request.headers.get("Sec-Fetch-Site") in ELSEWHERE else compressed(response)
