"""Headers that every answer carries: security, cross-origin reading, and no cookie."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Flask, Response, g, request
from sqlalchemy.exc import SQLAlchemyError

from commentsvc.actions.sites import site_of
from commentsvc.errors import Problem
from commentsvc.http_terms import EXPOSED_HEADERS, is_private
from commentsvc.model import Site
from commentsvc.web import context

FRAMED = ("/thread", "/thread/edit")  # what a publisher may show in a frame
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
    app.after_request(_add_headers)


def _answer_preflight() -> Response | None:
    asks = "Access-Control-Request-Method"
    if request.method != "OPTIONS" or asks not in request.headers or is_private(request.path):
        return None
    return Response(
        status=204,
        headers={
            "Access-Control-Allow-Methods": "GET, HEAD, POST, PATCH, DELETE",
            "Access-Control-Allow-Headers": "Accept, Authorization, Content-Type, Idempotency-Key, If-None-Match",
            "Access-Control-Max-Age": "86400",
        },
    )


def _add_headers(response: Response) -> Response:
    headers = response.headers
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    policy = POLICY | getattr(response, "policy", {})
    if request.path in FRAMED:
        policy |= {"frame-ancestors": _framing(response), "script-src": _script_of_frames()}
    headers["Content-Security-Policy"] = "; ".join(f"{name} {value}" for name, value in policy.items())
    if is_private(request.path):
        headers["X-Frame-Options"] = "DENY"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        headers.setdefault("Cache-Control", "no-store")
    else:
        headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        headers["Access-Control-Allow-Origin"] = "*"
        headers["Access-Control-Expose-Headers"] = EXPOSED_HEADERS
    headers.setdefault("Cache-Control", "no-store")
    return response


def _framing(response: Response) -> str:
    """The thread page may be framed by the pages of its site; what is wrong with a request is shown there, too.

    Where the service itself failed nothing is looked up: the database may be what is out.
    """
    site: Site | None = g.get("site")
    if site is None and response.status_code < 500:
        try:
            site = site_of(context.service(), context.reading(), request.args.get("site"))
        except (Problem, SQLAlchemyError):
            return "'none'"
    return "'none'" if site is None else " ".join(("'self'", *_nameable(site.origins)))


def _script_of_frames() -> str:
    """The one script of these pages, and no other that lies on the service's origin."""
    settings = context.service().settings
    return " ".join(
        f"{origin}{settings.base_path()}/frame.js" for origin in _nameable(settings.own_origins())
    )


def _nameable(origins: Iterable[str]) -> list[str]:
    """Without IPv6 addresses: a policy cannot name one (CSP 3 §2.3.1), a browser warns of it on every page."""
    return [origin for origin in origins if "[" not in origin]
