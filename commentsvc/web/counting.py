"""Every answer that is made here counts: as what its route counts, or else as a read."""

from __future__ import annotations

from flask import Flask, request

from commentsvc.errors import Problem, TooMany
from commentsvc.model import Site
from commentsvc.web import context, parameters

# These count by themselves: as attempts, posts, renderings or sign-ins, or, where a page must keep
# what was typed, as a read that is refused later.
COUNTED = frozenset(
    {
        "posting.create_comment",
        "posting.edit_comment",
        "posting.delete_comment",
        "posting.preview",
        "pages.post_comment",
        "editing.edit_comment",
    }
)
# Who watches the service must not be told that others asked too much; both cost little.
FREE = frozenset({"health.healthz", "health.readyz"})


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
    if request.endpoint in COUNTED | FREE or request.method == "OPTIONS":
        return
    context.limits().spend_read()
