"""What readers reported, and the decisions of a year as a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flask import Response, request

from commentsvc.actions import reported
from commentsvc.csv_lines import CSV, line
from commentsvc.errors import Invalid
from commentsvc.model import Decision
from commentsvc.threads.lifecycle import RULE
from commentsvc.web import auth, context, parameters
from commentsvc.web.api.moderation.blueprint import moderating
from commentsvc.web.descriptions import ANY_SITE, CURSOR, LIMIT, MODERATION, described, query
from commentsvc.web.moderation import site_if_named
from commentsvc.web.responses import uncacheable
from commentsvc.web.schemas import Reports, private_json

FIRST_YEAR, LAST_YEAR = 2000, 9998  # that a line of the log can be of
YEAR = {"type": "integer", "minimum": FIRST_YEAR, "maximum": LAST_YEAR}
COLUMNS = ("id", "decided_at", "site", "article", "comment", "action", "from", "to", "by", "by_name",
           "automated", "reason")  # fmt: skip


@moderating.get("/decisions.csv")
@described(
    answers={200: CSV},
    parameters=[query("year", YEAR, "Of that year (UTC).", required=True), ANY_SITE],
    refusals=(403, 404, 422, 429),
    **MODERATION,
)
def decisions_csv() -> Response:
    """All decisions of a year as CSV (RFC 4180), oldest first; `automated` ones were made by a program."""
    moderator = auth.of_request()
    decisions = reported.decisions_of_year(context.service(), moderator, site_if_named(), _year())
    answer = Response(_lines(decisions), content_type=CSV)
    answer.headers["Content-Disposition"] = 'attachment; filename="decisions.csv"'
    return uncacheable(answer)


def _year() -> int:
    raw = request.args.get("year", "")
    if not (raw.isascii() and raw.isdigit() and FIRST_YEAR <= int(raw[:5]) <= LAST_YEAR):
        raise Invalid({"year": ["Name a year, such as 2027."]})
    return int(raw)


def _lines(decisions: Iterable[Decision]) -> Iterator[str]:
    yield line(COLUMNS)
    for one in decisions:
        at, automated = f"{one.decided_at:%Y-%m-%dT%H:%M:%SZ}", "yes" if one.by == RULE else "no"
        states = (one.from_ or "", one.to or "")
        yield line((one.id, at, one.site, one.article, one.comment, one.action, *states,
                    one.by, one.by_name, automated, one.reason or ""))  # fmt: skip


@moderating.get("/comments/<comment>/reports")
@described(answers={200: Reports}, parameters=[LIMIT, CURSOR], refusals=(403, 404, 422, 429), **MODERATION)
def reports(comment: str) -> Response:
    """What readers reported of a comment; any decision closes what is open."""
    moderator = auth.of_request()
    page, objections, following = reported.reports_of(
        context.service(),
        context.reading(),
        moderator,
        comment,
        parameters.limit(50),
        request.args.get("cursor"),
    )
    return private_json(Reports(page, objections, following))
