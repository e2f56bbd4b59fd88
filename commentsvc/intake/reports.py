"""A report, and an objection, from the fields that were sent; all that is wrong with them is told at once."""

from __future__ import annotations

from commentsvc.errors import Invalid
from commentsvc.intake import fields, form_tokens
from commentsvc.intake.submissions import SentFields
from commentsvc.messages import message
from commentsvc.model import Notice, ReportReason
from commentsvc.service import Service

REASONS = {
    ReportReason.SPAM: message("Spam or advertising"),
    ReportReason.ABUSE: message("Insults, threats or harassment"),
    ReportReason.ILLEGAL: message("It is against the law"),
    ReportReason.OTHER: message("Something else"),
}


def read_notice(service: Service, sent: SentFields, *, good_faith: bool) -> tuple[int, Notice]:
    """Give the row number of the site whose form token came with it, and what a reader reports.

    All but the token and the reason may be left out: what is missing makes no report worthless.

    :raises Invalid: with the errors of all fields.
    :raises TokenExpired, TooFast: where that alone is wrong.
    """
    reason = sent.read("reason", _read_reason, ReportReason.OTHER)
    text = sent.read("text", fields.read_words, "")
    name = sent.read("name", fields.read_own_name, "")
    email = sent.read("email", _read_email, "")
    site_id = _site_of_token(service, sent)
    sent.require_valid()
    return site_id, Notice(reason, text, name, email, good_faith)


def _site_of_token(service: Service, sent: SentFields) -> int:
    try:
        return form_tokens.site_of_token(service, sent.raw("token"))
    except Invalid as refused:
        if not sent.errors:
            raise
        sent.errors = {**refused.errors, **sent.errors}
        return 0


def read_objection(sent: SentFields, field: str) -> str:
    """Give what an author says against a decision.

    :raises Invalid: there is nothing, or it cannot be kept.
    """
    words = sent.read(field, _read_objection, "")
    sent.require_valid()
    return words


def _read_reason(raw: str) -> ReportReason:
    try:
        return ReportReason(raw)
    except ValueError:
        raise ValueError(message("Please choose what is wrong.")) from None


def _read_email(raw: str) -> str:
    return fields.read_email(raw) if raw.strip() else ""


def _read_objection(raw: str) -> str:
    words = fields.read_words(raw)
    if not words:
        raise ValueError(message("Please write why you object."))
    return words
