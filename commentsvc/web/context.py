"""What belongs to the request at hand: the service, the client, the site."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import Flask, current_app, request

from commentsvc.http_terms import ROUTE
from commentsvc.model import Client
from commentsvc.rate_limits.networks import without_port
from commentsvc.service import Service

if TYPE_CHECKING:
    from commentsvc.cache.store import ResponseCache
    from commentsvc.web.limits import Limits


def install(app: Flask) -> None:
    """Tell the access log which route answered: its pattern, never the address that was asked for."""

    @app.before_request
    def name_route() -> None:
        request.environ[ROUTE] = request.url_rule.rule if request.url_rule else None


def service() -> Service:
    """The running service."""
    return cast(Service, current_app.extensions["commentsvc"])


def limits() -> Limits:
    """The rate limits of the running service."""
    return cast("Limits", current_app.extensions["commentsvc.limits"])


def response_cache() -> ResponseCache:
    """The answers that this process keeps."""
    return cast("ResponseCache", current_app.extensions["commentsvc.response_cache"])


def client() -> Client:
    """Where the request comes from, behind trusted proxies; some of those add the port."""
    return Client(without_port(request.remote_addr or ""))
