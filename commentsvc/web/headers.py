"""Headers that every answer carries: security, cross-origin reading, and no cookie."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Flask, Response, g, request
from sqlalchemy.exc import SQLAlchemyError

from commentsvc.errors import Problem
from commentsvc.http_terms import EXPOSED_HEADERS, is_linked, is_private
from commentsvc.model import Site
from commentsvc.publishing.scripts import Script
from commentsvc.web import context, parameters

FRAMED = (
    "/thread",
    "/thread/edit",
    "/thread/reasons",
    "/thread/report",
)  # what a publisher may show in a frame
ALLOWED_HEADERS = "Accept, Authorization, Content-Type, Idempotency-Key, If-None-Match, Last-Event-ID"
POLICY = {
    "default-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "img-src": "'self' data:",
    "style-src": "'self'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "'none'",
}


def install(app: Flask) -> None:
    """Put the headers on every answer of *app*."""
    app.before_request(_answer_preflight)
    app.before_request(_find_site)
    app.after_request(_add_headers)


def _answer_preflight() -> Response | None:
    asks = "Access-Control-Request-Method"
    if request.method != "OPTIONS" or asks not in request.headers or _is_ones_own(request.path):
        return None
    return Response(
        status=204,
        headers={
            "Access-Control-Allow-Methods": "GET, HEAD, POST, PATCH, DELETE",
            "Access-Control-Allow-Headers": ALLOWED_HEADERS,
            "Access-Control-Max-Age": "86400",
        },
    )


def _find_site() -> None:
    """Look up who may frame the answer, whatever it will be: when it is made, nothing is asked any more.

    What is wrong with the request, or the database, the route says; then nobody frames that.
    """
    if request.path in FRAMED:
        try:
            parameters.site()
        except Problem:
            return
        except SQLAlchemyError:
            context.end_reading()


def _add_headers(response: Response) -> Response:
    headers = response.headers
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "no-referrer" if is_linked(request.path) else "same-origin"
    policy = POLICY | getattr(response, "policy", {})
    if request.path in FRAMED:
        policy |= {"frame-ancestors": _framing(), "script-src": script_source(f"{Script.FRAME}.js")}
    headers["Content-Security-Policy"] = "; ".join(f"{name} {value}" for name, value in policy.items())
    if _is_ones_own(request.path):
        headers["X-Frame-Options"] = "DENY"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        headers.setdefault("Cache-Control", "no-store")
    else:
        headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        headers["Access-Control-Allow-Origin"] = "*"
        headers["Access-Control-Expose-Headers"] = EXPOSED_HEADERS
    headers.setdefault("Cache-Control", "no-store")
    return response


def _is_ones_own(path: str) -> bool:
    """Whether what lies at that path is for one person, so no other site reads or frames it."""
    return is_private(path) or is_linked(path)


def _framing() -> str:
    """The thread page may be framed by the pages of its site; what is wrong with a request is shown there, too."""
    site: Site | None = g.get("site")
    return "'none'" if site is None else " ".join(("'self'", *_nameable(site.origins)))


def script_source(name: str) -> str:
    """What allows a page that one script, and no other that lies on the service's origin."""
    settings = context.service().settings
    return " ".join(f"{origin}{settings.base_path()}/{name}" for origin in _nameable(settings.own_origins()))


def _nameable(origins: Iterable[str]) -> list[str]:
    """Without IPv6 addresses: a policy cannot name one (CSP 3 §2.3.1), a browser warns of it on every page."""
    return [origin for origin in origins if "[" not in origin]
