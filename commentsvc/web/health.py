"""Does the process live, and can it reach what it needs?"""

from __future__ import annotations

import structlog
from flask import Blueprint, Response
from sqlalchemy.exc import SQLAlchemyError

from commentsvc.cache.store import ResponseCache
from commentsvc.metrics import Metrics
from commentsvc.settings.hosts import is_loopback
from commentsvc.storage.illness import reason_of
from commentsvc.web import context, counting, problems
from commentsvc.web.descriptions import described
from commentsvc.web.responses import uncacheable

health = Blueprint("health", __name__)
TEXT = "text/plain; charset=utf-8"
UNREACHABLE = "The database cannot be reached."


@health.get("/healthz")
@counting.free
@described("Running", {200: "text/plain"})
def healthz() -> Response:
    """The process lives; somebody on this machine is told, too, what it keeps."""
    answer = uncacheable(Response("ok", content_type=TEXT))
    if is_loopback(context.client().ip):
        answer.headers["Server-Timing"] = server_timing(context.response_cache(), context.service().metrics)
    return answer


@health.get("/readyz")
@counting.free
@described("Running", {200: "text/plain"}, refusals=(503,))
def readyz() -> Response:
    """What it needs to read can be reached, else 503 and what cannot; `degraded` names what else is ill."""
    database = context.service().database
    try:
        if not database.is_there():
            return problems.problem(503, UNREACHABLE)
        ready = database.is_current()
        write_fault = database.write_fault()
    except SQLAlchemyError as why:
        structlog.get_logger("commentsvc").error("not ready", part="database", kind=type(why).__name__)
        told = reason_of(why)
        return problems.problem(503, f"The database cannot be read: {told}." if told else UNREACHABLE)
    if not ready:
        return problems.problem(503, "The database is of another version; run: commentsvc db upgrade")
    ill = [f"the database is ill: {write_fault}"] if write_fault else []
    if not context.limits().can_count():
        ill.append("the storage of the rate limits cannot be reached")
    state = f"degraded: {'; '.join(ill)}" if ill else "ok"
    return uncacheable(Response(state, content_type=TEXT))


def server_timing(kept: ResponseCache, metrics: Metrics) -> str:
    """What this process did since it began, as a `Server-Timing` header (W3C Server Timing)."""
    done = kept.counters
    return (
        f'hits;desc="{metrics.kept()}", misses;desc="{done.misses}", '
        f'render;dur={done.render_seconds * 1000:.1f}, kept;desc="{kept.bytes} bytes"'
    )
