"""Readers' reports and authors' objections as JSON."""

from __future__ import annotations

from flask import Response
from msgspec import Struct

from commentsvc.actions import reasons
from commentsvc.intake.reports import read_objection
from commentsvc.intake.submissions import SentFields
from commentsvc.messages import message
from commentsvc.model import ReportReason
from commentsvc.web import context, parameters
from commentsvc.web.counting import counts_itself
from commentsvc.web.descriptions import described
from commentsvc.web.languages import ForReaders
from commentsvc.web.reporting import REPORT_FIELDS, take_report, told
from commentsvc.web.schemas import ReasonsAnswer, Received, private_json

reporting = ForReaders("reporting", __name__)


class ReportRequest(Struct):
    """A report, with the form token of any article of the site.

    A notice of illegal content (Regulation (EU) 2022/2065, Article 16 (2)) has all of it; `good_faith` is the
    statement of good faith. The address is shown to moderators alone.
    """

    token: str
    reason: ReportReason
    text: str | None = None
    email: str | None = None
    name: str | None = None
    good_faith: bool | None = None


class ObjectionRequest(Struct):
    """What an author says against a decision."""

    text: str


@reporting.post("/api/v1/comments/<comment>/reports")
@counts_itself
@described(
    "Posting", {202: Received}, request=ReportRequest, refusals=(400, 403, 408, 413, 415, 422, 429, 503)
)
def report_comment(comment: str) -> Response:
    """Report a comment to its moderators. The answer does not tell whether there is one, or who reported it."""
    with context.limits().counting() as counting:
        counting.read()
        body = parameters.json_object()
        sent, type_errors = parameters.text_fields(body, REPORT_FIELDS)
        good_faith = body.get("good_faith")
        if not isinstance(good_faith, bool | None):
            type_errors["good_faith"] = [message("This must be true or false.")]
        take_report(counting, comment, sent, type_errors, good_faith=good_faith is True)
    return private_json(Received(), 202)


@reporting.get("/api/v1/comments/<comment>/reasons")
@described("Posting", {200: ReasonsAnswer}, refusals=(403, 404, 429), security=("editKey",))
def statement_of_reasons(comment: str) -> Response:
    """Why one's own comment is not public. The edit key opens it also when the edit window is long over."""
    statement = reasons.statement(context.service(), context.reading(), comment, parameters.edit_key())
    return private_json(told(statement))


@reporting.post("/api/v1/comments/<comment>/reasons")
@counts_itself
@described(
    "Posting",
    {202: Received},
    request=ObjectionRequest,
    refusals=(400, 403, 404, 408, 409, 413, 415, 422, 429, 503),
    security=("editKey",),
)
def object_to_decision(comment: str) -> Response:
    """Object to the decision against one's own comment, which then waits for a moderator again."""
    with context.limits().counting() as counting:
        counting.attempt()
        key = parameters.edit_key()
        sent, type_errors = parameters.text_fields(parameters.json_object(), ["text"])
        text = read_objection(SentFields(sent, type_errors), "text")
    reasons.object_to(context.service_to_write(), comment, key, text)
    return private_json(Received(), 202)
