"""Every answer that is made here counts: as what its route counts, or else as a read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, request

from commentsvc.errors import Problem, TooMany
from commentsvc.model import Site
from commentsvc.web import context, parameters

View = TypeVar("View", bound=Callable[..., Any])

_not_counted: set[Callable[..., Any]] = set()


def counts_itself(view: View) -> View:
    """Mark a route that counts: as an attempt, a post, a rendering, or a read that is refused later.

    A page must keep what was typed, so it refuses by itself.
    """
    _not_counted.add(view)
    return view


def free(view: View) -> View:
    """Mark a route that is never refused: who watches the service must not be told that others asked too much."""
    _not_counted.add(view)
    return view


def install(app: Flask) -> None:
    """Count all that *app* answers; what is sent from kept bytes does not come here."""
    app.before_request(_count)


def read_beyond_limit() -> TooMany | None:
    """Count a read; give what is to be said where it is one too many."""
    try:
        context.limits().spend_read()
    except TooMany as beyond:
        return beyond
    return None


def thread_named(beyond: TooMany | None) -> tuple[Site, str]:
    """The site and the article that the query names.

    :raises TooMany: *beyond*, where it names none: there is no page to say it on.
    :raises NotFound, Invalid: it names none.
    """
    try:
        return parameters.site(), parameters.article()
    except Problem as refused:
        raise beyond or refused from None


def _count() -> None:
    """Count a read, of an address that is none too. A preflight is free: refused, it would hide why."""
    if current_app.view_functions.get(request.endpoint or "") in _not_counted or request.method == "OPTIONS":
        return
    context.limits().spend_read()
