"""What the pages of the desk share: one way to answer with a page, with what was refused, and with a script."""

from __future__ import annotations

from typing import Any

from flask import Response, render_template

from commentsvc.actions.accounts import SignedIn
from commentsvc.errors import FieldErrors, Invalid, Problem, TooMany
from commentsvc.http_terms import HTML
from commentsvc.messages import message, nmessage
from commentsvc.web import context, problems, urls
from commentsvc.web.desk.navigation import pages_for
from commentsvc.web.forms import csrf_token
from commentsvc.web.languages import translated, translated_errors
from commentsvc.web.responses import uncacheable

STALE = message("This form has expired. Please submit it again.")


def page(template: str, refused: Problem | None = None, *, script: str = "", **values: Any) -> Response:
    """A page of the desk, which says what was *refused*.

    :param script: the one script that it may run, by its name in `static/desk`.
    """
    errors: FieldErrors = translated_errors(refused.errors) if isinstance(refused, Invalid) else {}
    who: SignedIn | None = values.get("who")
    html = render_template(
        template,
        errors=errors,
        refusal=_said(refused),
        script=script,
        pages=pages_for(who.moderator) if who else (),
        csrf_token=csrf_token(),
        root=urls.root(),
        **values,
    )
    response = uncacheable(Response(html, content_type=HTML))
    if refused is not None:
        response.status_code = problems.status_of(refused)
        response.headers.update(problems.headers_of(refused))
    if script:
        response.policy = {"script-src": _address_of(script)}  # type: ignore[attr-defined]
    return response


def _address_of(script: str) -> str:
    """Under each name of this service; IPv6 addresses apart, which a policy cannot name (CSP 3 §2.3.1)."""
    settings = context.service().settings
    path = f"{settings.base_path()}/static/desk/{script}"
    return " ".join(f"{origin}{path}" for origin in settings.own_origins() if "[" not in origin)


def _said(refused: Problem | None) -> str | None:
    """What the page says above the form; errors of fields stand beside them."""
    if refused is None:
        return None
    if isinstance(refused, Invalid):
        return " ".join(map(translated, refused.errors.get("form", []))) or None
    if isinstance(refused, TooMany):
        return translated(
            nmessage(
                "Too many attempts. Please try again in %(number)s second.",
                "Too many attempts. Please try again in %(number)s seconds.",
                refused.seconds,
            )
        )
    return translated(refused.detail)
