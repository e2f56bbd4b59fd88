"""The demo's newspaper: pages that embed the widget as a stranger's would, under a strict CSP."""

from __future__ import annotations

from importlib.resources import files

from flask import Blueprint, Response, abort, render_template

from commentsvc.demo.content import NEWSPAPER, articles
from commentsvc.http_terms import HTML
from commentsvc.web import context
from commentsvc.web.responses import uncacheable

demo = Blueprint("demo", __name__, url_prefix="/demo")


@demo.get("/", strict_slashes=False)
def front_page() -> Response:
    """The front page, with the number of comments of each article."""
    return _page("demo/index.html")


@demo.get("/<slug>")
def article(slug: str) -> Response:
    """One article, and under it the widget."""
    found = next((article for article in articles() if article.slug == slug), None)
    if found is None:
        abort(404)
    return _page("demo/article.html", article=found)


@demo.get("/demo.css")
def styles() -> Response:
    """The newspaper's own styles."""
    css = (files("commentsvc.demo") / "demo.css").read_text(encoding="utf-8")
    return uncacheable(Response(css, content_type="text/css; charset=utf-8"))


def _page(template: str, **more: object) -> Response:
    settings = context.service().settings
    html = render_template(
        template,
        root=settings.base_path(),
        service=settings.base_url,
        newspaper=NEWSPAPER,
        articles=articles(),
        **more,
    )
    response = uncacheable(Response(html, content_type=HTML))
    # What a careful publisher sends: the widget needs these two sources and nothing else.
    service = settings.base_origin()
    response.policy = {  # type: ignore[attr-defined]
        "script-src": service,
        "connect-src": service,
        "form-action": "'none'",
    }
    return response
