"""What posting as JSON and by a plain form have in common."""

from __future__ import annotations

from commentsvc.actions import post
from commentsvc.model import Posted, SafeHtml, Submission
from commentsvc.web import context


def post_within_limits(submission: Submission, html: SafeHtml) -> Posted:
    """Post for a guest; a resend costs nothing and meets no limit."""
    if earlier := post.sent_before(context.service(), submission):
        return earlier
    context.limits().spend_post()
    if post.begins_thread(submission):
        context.limits().spend_thread(submission.site)
    return post.post(context.service(), submission, html, client=context.client())
