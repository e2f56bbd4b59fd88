"""What pages with a form share: the fields that were sent, and what is said of them."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Response, redirect, request
from flask_babel import gettext

from commentsvc.errors import (
    FieldErrors,
    Invalid,
    Problem,
    UnsupportedMedia,
)
from commentsvc.http_terms import FORM, HTML
from commentsvc.intake import guest_keys
from commentsvc.model import State
from commentsvc.rate_limits.networks import network_of
from commentsvc.web import context, parameters, problems
from commentsvc.web.languages import translated, translated_errors
from commentsvc.web.responses import uncacheable
from commentsvc.web.urls import ThreadUrls


def form_fields(names: Iterable[str]) -> dict[str, str]:
    """The named fields of the form that was sent.

    :raises TooLarge, UnsupportedMedia: none can be read.
    """
    parameters.body()
    if request.mimetype != FORM:
        raise UnsupportedMedia(f"Send the form as {FORM}.")
    return {name: request.form[name] for name in names if name in request.form}


def key_of(sent: str) -> str:
    """The edit key in what was sent: alone, or as the end of the private link."""
    return sent.rpartition("key=")[2].strip()


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
    return translated(refused.detail)


def errors_of(refused: Problem | None) -> FieldErrors:
    """What the page says beside its fields."""
    return translated_errors(refused.errors) if isinstance(refused, Invalid) else {}


def led_to_own(urls: ThreadUrls, comment: str, state: State) -> Response:
    """303 to one's own comment, or to the word that it waits; there stands the private link to it."""
    receipt = guest_keys.receipt(context.service(), comment, network_of(context.client().ip))
    public = state is State.APPROVED
    where = urls.own(comment, receipt) if public else urls.waits(receipt)
    return redirect(where, 303)  # type: ignore[return-value]
