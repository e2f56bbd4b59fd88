"""Where the scripts that publishers embed lie.

Each has an address that stays, and is asked for again at each visit, and one that changes with its
content, and is good for ever: after an upgrade, too.
"""

from __future__ import annotations

from functools import lru_cache

from flask import Blueprint, Response, current_app
from flask.blueprints import BlueprintSetupState

from commentsvc.actions.scripts import old_script
from commentsvc.errors import NotFound
from commentsvc.publishing.scripts import Script, digest_of, text_of
from commentsvc.web import context
from commentsvc.web.descriptions import described
from commentsvc.web.responses import constant

scripts = Blueprint("scripts", __name__)
JAVASCRIPT = "text/javascript; charset=utf-8"
FOR_EVER = "public, max-age=31536000, immutable"
MOST_OLD = 64  # scripts of other versions that a process holds: of some nine versions, half a megabyte
_OLD = "commentsvc.old_scripts"


@scripts.record
def _hold_old_scripts(state: BlueprintSetupState) -> None:
    """What a digest names never changes, so it is looked up once; what is not found is not held."""
    state.app.extensions[_OLD] = lru_cache(maxsize=MOST_OLD)(_old_script)


def _old_script(name: str, digest: str) -> bytes:
    return old_script(context.reading(), name, digest)


@scripts.get("/embed.js")
@described("Embedding", {200: JAVASCRIPT})
def embed() -> Response:
    """The widget."""
    return constant(text_of(Script.EMBED), JAVASCRIPT)


@scripts.get("/count.js")
@described("Embedding", {200: JAVASCRIPT})
def count() -> Response:
    """Fills in the numbers of comments on a page that lists articles."""
    return constant(text_of(Script.COUNT), JAVASCRIPT)


@scripts.get("/follow.js")
@described("Embedding", {200: JAVASCRIPT})
def follow() -> Response:
    """What the widget loads when a reader goes on: pages, folding, news."""
    return constant(text_of(Script.FOLLOW), JAVASCRIPT)


@scripts.get("/live.js")
@described("Embedding", {200: JAVASCRIPT})
def live() -> Response:
    """What the widget loads for a reader who stays: news of others."""
    return constant(text_of(Script.LIVE), JAVASCRIPT)


@scripts.get("/write.js")
@described("Embedding", {200: JAVASCRIPT})
def write() -> Response:
    """What the widget loads when somebody begins to write."""
    return constant(text_of(Script.WRITE), JAVASCRIPT)


@scripts.get("/publisher.js")
@described("Embedding", {200: JAVASCRIPT})
def publisher() -> Response:
    """What the widget loads when there is something wrong with the page."""
    return constant(text_of(Script.PUBLISHER), JAVASCRIPT)


@scripts.get("/words.js")
@described("Embedding", {200: JAVASCRIPT})
def words() -> Response:
    """What the widget loads when no thread came: how to say that, in all languages."""
    return constant(text_of(Script.WORDS), JAVASCRIPT)


@scripts.get("/frame.js")
@described("Embedding", {200: JAVASCRIPT})
def frame() -> Response:
    """Tells the page around a framed discussion how high that is."""
    return constant(text_of(Script.FRAME), JAVASCRIPT)


@scripts.get("/<name>-<digest>.js")
@described("Embedding", {200: JAVASCRIPT}, refusals=(404, 429))
def of_content(name: str, digest: str) -> Response:
    """A script by the digest of its content, of this version or of another that was served here."""
    if name not in set(Script):
        raise NotFound("There is no script of that name.")
    content: str | bytes
    if digest == digest_of(Script(name)):
        content = text_of(Script(name))
    else:
        content = current_app.extensions[_OLD](name, digest)
    response = constant(content, JAVASCRIPT)
    response.headers["Cache-Control"] = FOR_EVER
    return response
