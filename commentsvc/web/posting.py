"""What posting and editing as JSON and by a plain form have in common."""

from __future__ import annotations

from collections.abc import Mapping

from commentsvc.actions import post
from commentsvc.actions.render import render_text
from commentsvc.errors import FieldErrors, Invalid
from commentsvc.model import Posted, SafeHtml, Site, Submission
from commentsvc.web import context
from commentsvc.web.forms import PostingForm, TextForm, text_form

TypeErrors = Mapping[str, list[str]]
"""Errors of fields that did not even come as text; they go before the form's own."""


def checked_submission(form: PostingForm, type_errors: TypeErrors) -> tuple[Submission, SafeHtml]:
    """Give what *form* posts, and the HTML of its text.

    :raises Invalid: with the errors of all fields at once.
    :raises TokenExpired, TooFast: where that alone is wrong.
    """
    html, errors = _rendered(form, type_errors)
    if html is None or errors:
        kind = form.token_problem if set(errors) == {"token"} else Invalid
        raise kind(errors)
    return form.submission(), html


def checked_text(site: Site, sent: Mapping[str, str], type_errors: TypeErrors) -> tuple[str, SafeHtml]:
    """Give a text to preview or to save, and its HTML.

    :raises Invalid: it cannot be a comment.
    """
    form = text_form(context.service(), site, sent)
    html, errors = _rendered(form, type_errors)
    if html is None or errors:
        raise Invalid(errors)
    return form.text.data, html


def _rendered(form: TextForm, type_errors: TypeErrors) -> tuple[SafeHtml | None, FieldErrors]:
    """Check the fields of *form*; the HTML of its text where that is valid, and what is wrong."""
    form.validate()
    errors = {**form.errors, **type_errors}
    if "text" in errors:
        return None, errors
    try:
        return render_text(form.text.data), errors
    except Invalid as refused:
        return None, {**errors, **refused.errors}


def post_within_limits(submission: Submission, html: SafeHtml) -> Posted:
    """Post for a guest; a resend costs nothing and meets no limit."""
    if earlier := post.sent_before(context.service(), context.reading(), submission):
        return earlier
    context.limits().spend_post()
    if post.begins_thread(context.reading(), submission):
        context.limits().spend_thread(submission.site)
    return post.post(context.service_to_write(), submission, html, client=context.client())
