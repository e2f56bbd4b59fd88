"""Take in what a form or a program sent; joins intake with publishing."""

from __future__ import annotations

from collections.abc import Mapping

from commentsvc.intake.form import (
    FormContext,
    PostingForm,
    empty_form,
    filled_form,
    read_submission,
    read_text,
)
from commentsvc.model import SafeHtml, Site, Submission
from commentsvc.publishing import sanitise
from commentsvc.service import Service

TypeErrors = Mapping[str, list[str]]


def form_to_fill(service: Service, site: Site, article: str) -> PostingForm:
    """An empty form with a fresh token."""
    return empty_form(_context(service, site), article)


def form_sent(
    service: Service, site: Site, sent: Mapping[str, str], *, with_token: bool = True
) -> PostingForm:
    """The form as it was sent, not yet checked."""
    return filled_form(_context(service, site), sent, with_token=with_token)


def submission_of(form: PostingForm, type_errors: TypeErrors) -> tuple[Submission, SafeHtml]:
    """Check the form; see `read_submission` for the errors."""
    return read_submission(form, type_errors)


def text_of(
    service: Service, site: Site, sent: Mapping[str, str], type_errors: TypeErrors
) -> tuple[str, SafeHtml]:
    """Check a text alone, for a preview or an edit.

    :raises Invalid: it cannot be a comment.
    """
    return read_text(_context(service, site), sent, type_errors)


def _context(service: Service, site: Site) -> FormContext:
    return FormContext(service, site, _publish, sanitise.objection)


def _publish(text: str) -> SafeHtml | None:
    html = sanitise.render(text)
    return html if sanitise.shows_something(html) else None
