"""Where the scripts that publishers embed lie.

Each has an address that stays, and is asked for again at each visit, and one that changes with its
content, and is good for ever.
"""

from __future__ import annotations

from flask import Blueprint, Response, redirect, url_for

from commentsvc.errors import NotFound
from commentsvc.publishing.scripts import Script, digest_of, text_of
from commentsvc.web import current
from commentsvc.web.caching import cacheable, uncacheable

scripts = Blueprint("scripts", __name__)
JAVASCRIPT = "text/javascript; charset=utf-8"
FOR_EVER = "public, max-age=31536000, immutable"


@scripts.before_request
def spend_read() -> None:
    """Counted as any answer is that is not kept."""
    current.limits().spend_read()


@scripts.get("/embed.js")
def embed() -> Response:
    """The widget."""
    return cacheable(text_of(Script.EMBED), JAVASCRIPT)


@scripts.get("/count.js")
def count() -> Response:
    """Fills in the numbers of comments on a page that lists articles."""
    return cacheable(text_of(Script.COUNT), JAVASCRIPT)


@scripts.get("/follow.js")
def follow() -> Response:
    """What the widget loads when a reader goes on: pages, folding, news."""
    return cacheable(text_of(Script.FOLLOW), JAVASCRIPT)


@scripts.get("/write.js")
def write() -> Response:
    """What the widget loads when somebody begins to write."""
    return cacheable(text_of(Script.WRITE), JAVASCRIPT)


@scripts.get("/publisher.js")
def publisher() -> Response:
    """What the widget loads when there is something wrong with the page."""
    return cacheable(text_of(Script.PUBLISHER), JAVASCRIPT)


@scripts.get("/frame.js")
def frame() -> Response:
    """Tells the page around a framed discussion how high that is."""
    return cacheable(text_of(Script.FRAME), JAVASCRIPT)


@scripts.get("/<name>-<digest>.js")
def of_content(name: str, digest: str) -> Response:
    """A script by the digest of its content; one of another version leads to the one there is."""
    if name not in set(Script):
        raise NotFound("There is no script of that name.")
    if digest != digest_of(Script(name)):
        return uncacheable(redirect(url_for(f"scripts.{name}")))  # type: ignore[arg-type]
    response = cacheable(text_of(Script(name)), JAVASCRIPT)
    response.headers["Cache-Control"] = FOR_EVER
    return response
