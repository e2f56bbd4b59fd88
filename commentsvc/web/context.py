"""What belongs to the request at hand: the service, the client, and what is read for it."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, cast

from flask import Flask, current_app, g, request

from commentsvc.http_terms import ROUTE
from commentsvc.model import Client
from commentsvc.rate_limits.networks import without_port
from commentsvc.service import Service

if TYPE_CHECKING:
    from commentsvc.cache.store import ResponseCache
    from commentsvc.storage.unit_of_work import UnitOfWork
    from commentsvc.web.limits import Limits


def install(app: Flask) -> None:
    """Tell the access log which route answered: its pattern, never the address that was asked for.

    What a request reads ends with it at the latest.
    """

    @app.before_request
    def name_route() -> None:
        request.environ[ROUTE] = request.url_rule.rule if request.url_rule else None

    @app.teardown_request
    def end(_why: BaseException | None) -> None:
        end_reading()


def service() -> Service:
    """The running service."""
    return cast(Service, current_app.extensions["commentsvc"])


def reading() -> UnitOfWork:
    """What this request reads in: one state of the database, from the first use on."""
    if "reading" not in g:
        scope = ExitStack()
        g.reading = scope.enter_context(service().reading()), scope
    work: UnitOfWork = g.reading[0]
    return work


def end_reading() -> None:
    """End what this request has read in, if anything; what it reads next is of the state as it is then."""
    if "reading" in g:
        g.pop("reading")[1].close()


def service_to_write() -> Service:
    """The running service, for an action that writes: that begins a unit of work of its own, so reading ends."""
    end_reading()
    return service()


def limits() -> Limits:
    """The rate limits of the running service."""
    return cast("Limits", current_app.extensions["commentsvc.limits"])


def response_cache() -> ResponseCache:
    """The answers that this process keeps."""
    return cast("ResponseCache", current_app.extensions["commentsvc.response_cache"])


def client() -> Client:
    """Where the request comes from, behind trusted proxies; some of those add the port."""
    return Client(without_port(request.remote_addr or ""))
