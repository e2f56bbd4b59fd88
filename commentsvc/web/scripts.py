"""The scripts: two that publishers embed, and the one of the whole page. The widget's styles travel inside its script."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from flask import Blueprint, Response
from msgspec import json

from commentsvc.web.caching import cacheable

scripts = Blueprint("scripts", __name__)
JAVASCRIPT = "text/javascript; charset=utf-8"
STYLES = '"/* styles */"'  # stands in embed.js for the text of comments.css


@scripts.get("/embed.js")
def embed() -> Response:
    """The widget."""
    return cacheable(_widget(), JAVASCRIPT)


@scripts.get("/count.js")
def count() -> Response:
    """Fills in the numbers of comments on a page that lists articles."""
    return cacheable(_static("count.js"), JAVASCRIPT)


@scripts.get("/frame.js")
def frame() -> Response:
    """Tells the page around a framed discussion how high that is."""
    return cacheable(_static("frame.js"), JAVASCRIPT)


@cache
def _widget() -> str:
    return _static("embed.js").replace(STYLES, json.encode(_static("comments.css")).decode(), 1)


@cache
def _static(name: str) -> str:
    return (files("commentsvc") / "static" / name).read_text(encoding="utf-8")
