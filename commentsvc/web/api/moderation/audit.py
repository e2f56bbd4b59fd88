"""The audit log as JSON and as CSV."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec
from flask import Response, request

from commentsvc.actions import audit
from commentsvc.audit.trail import Kind
from commentsvc.csv_lines import CSV, line
from commentsvc.model import AuditEntry
from commentsvc.web import auth, context, parameters
from commentsvc.web.api.moderation.blueprint import moderating
from commentsvc.web.descriptions import CURSOR, LIMIT, MODERATION, described, query
from commentsvc.web.responses import uncacheable
from commentsvc.web.schemas import AuditTrail, private_json

KIND = query("kind", {"enum": list(Kind)}, "Of this kind alone.")
COLUMNS = ("id", "at", "by", "by_name", "kind", "what", "hash")


@moderating.get("/audit")
@described(
    answers={200: AuditTrail}, parameters=[KIND, LIMIT, CURSOR], refusals=(403, 422, 429), **MODERATION
)
def audit_trail() -> Response:
    """A page of the audit log: decisions, sign-ins, people, tokens, sites, blocks, rules and threads."""
    moderator = auth.of_request()
    page, next_cursor = audit.read_trail(
        context.service(),
        context.reading(),
        moderator,
        request.args.get("kind") or None,
        parameters.limit(50),
        request.args.get("cursor") or None,
    )
    return private_json(AuditTrail(page, next_cursor))


@moderating.get("/audit.csv")
@described(answers={200: CSV}, parameters=[KIND, CURSOR], refusals=(403, 422, 429), **MODERATION)
def audit_csv() -> Response:
    """All of the audit log as CSV (RFC 4180), newest first; `what` is JSON.

    A cell that a spreadsheet would take for a formula begins with an apostrophe.
    """
    moderator = auth.of_request()
    arguments = request.args
    entries = audit.read_whole_trail(
        context.service(), moderator, arguments.get("kind") or None, arguments.get("cursor") or None
    )
    answer = Response(_lines(entries), content_type=CSV)
    answer.headers["Content-Disposition"] = 'attachment; filename="audit.csv"'
    return uncacheable(answer)


def _lines(entries: Iterable[AuditEntry]) -> Iterator[str]:
    yield line(COLUMNS)
    for entry in entries:
        what = msgspec.json.encode(entry.what).decode()
        at = f"{entry.at:%Y-%m-%dT%H:%M:%SZ}"
        yield line((entry.id, at, entry.by, entry.by_name, entry.kind, what, entry.hash))
