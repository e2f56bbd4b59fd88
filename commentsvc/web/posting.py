"""What posting and editing as JSON and by a plain form have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from commentsvc.actions import post, read
from commentsvc.actions.render import render_text
from commentsvc.errors import FieldErrors, Invalid, Problem
from commentsvc.intake.submissions import SentFields, read_submission, read_text
from commentsvc.model import Posted, SafeHtml, Site, Submission
from commentsvc.web import context
from commentsvc.web.languages import language
from commentsvc.web.limits import Counting


def checked_submission(
    site: Site, sent: Mapping[str, str], type_errors: FieldErrors, *, with_token: bool = True
) -> tuple[Submission, SafeHtml]:
    """Give what the fields *sent* post, and the HTML of its text.

    :raises Invalid: with the errors of all fields at once.
    :raises TokenExpired, TooFast: where that alone is wrong.
    """
    fields = SentFields(sent, type_errors)
    text, html = _text_and_html(fields)
    submission = read_submission(
        context.service(),
        site,
        fields,
        text,
        with_token=with_token,
        takes_article=lambda article: read.takes_article(context.reading(), site, article),
    )
    return replace(submission, lang=language()), html


def checked_text(sent: Mapping[str, str], type_errors: FieldErrors) -> tuple[str, SafeHtml]:
    """Give a text to preview or to save, and its HTML.

    :raises Invalid: it cannot be a comment.
    """
    fields = SentFields(sent, type_errors)
    text, html = _text_and_html(fields)
    fields.require_valid()
    return text, html


def _text_and_html(fields: SentFields) -> tuple[str, SafeHtml]:
    """The text and what it is shown as; both empty where it is wrong."""
    text = read_text(context.service(), fields)
    if "text" in fields.errors:
        return "", SafeHtml("")
    try:
        return text, render_text(text)
    except Invalid as refused:
        fields.errors |= refused.errors
        return "", SafeHtml("")


def sent_before(counting: Counting, submission: Submission) -> Posted | None:
    """Give the answer of an earlier sending of the same; if there was none, a comment is going to be made."""
    earlier = post.sent_before(context.service(), context.reading(), submission)
    if earlier is None:
        counting.post()
        if post.begins_thread(context.reading(), submission):
            counting.thread(submission.site)
    return earlier


def posted(counting: Counting, submission: Submission, html: SafeHtml, earlier: Posted | None) -> Posted:
    """Post for a guest, if it was not posted *earlier*; what is refused is no comment that counts."""
    if earlier is not None:
        return earlier
    try:
        return post.post(context.service_to_write(), submission, html, client=context.client())
    except Problem:
        counting.no_comment()
        raise
