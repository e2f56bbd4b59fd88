"""Posting as JSON: form tokens, posts, edits, previews."""

from __future__ import annotations

from flask import Blueprint, Response, request

from commentsvc.actions import api_clients, edit, post
from commentsvc.actions.sites import site_of
from commentsvc.errors import Invalid
from commentsvc.http_terms import HTML
from commentsvc.intake import form_tokens
from commentsvc.intake.articles import NO_SUCH_ARTICLE, is_article_of
from commentsvc.model import State
from commentsvc.web import context, parameters
from commentsvc.web.forms import filled_form
from commentsvc.web.origins import check_origin, check_origin_of_any_site
from commentsvc.web.posting import checked_submission, checked_text, post_within_limits
from commentsvc.web.rendering import rendering
from commentsvc.web.responses import uncacheable
from commentsvc.web.schemas import EditedAnswer, FormAnswer, Preview, posted_json, private_json

posting = Blueprint("posting", __name__)


@posting.get("/api/v1/form")
def form_token() -> Response:
    """A fresh form token for one article."""
    service, site, article = context.service(), parameters.site(), parameters.article()
    if not is_article_of(site, article):
        raise Invalid({"article": [NO_SUCH_ARTICLE]})
    token = form_tokens.issue(service, site, article)
    return private_json(FormAnswer(token, service.settings.form_min_seconds, form_tokens.LIFETIME))


@posting.post("/api/v1/comments")
def create_comment() -> Response:
    """Post a comment: 201 public, 202 held, 200 the same token and content again."""
    key = parameters.bearer()
    if key is None:
        context.limits().spend_attempt()
    else:  # a program posts for many people: it is counted as a reader
        context.limits().spend_read()
    sent, type_errors = parameters.text_fields(parameters.json_object(), parameters.POSTING_FIELDS)
    service = context.service()
    site = site_of(service, context.reading(), sent.get("site"))
    if key is not None:
        return _posted_by_api_client(key, sent, type_errors)
    check_origin(site)
    form = filled_form(service, site, sent)
    with rendering():
        submission, html = checked_submission(form, type_errors)
    return posted_json(post_within_limits(submission, html))


def _posted_by_api_client(key: str, sent: dict[str, str], type_errors: dict[str, list[str]]) -> Response:
    """A program posts for many people: its own network is no author's."""
    service = context.service()
    site = api_clients.site_to_post_to(context.service_to_write(), key, sent.get("site"))
    form = filled_form(service, site, sent, with_token=False)
    with rendering(counted=False):
        submission, html = checked_submission(form, type_errors)
    submission = api_clients.of_api_client(
        context.service_to_write(), key, submission, request.headers.get("Idempotency-Key")
    )
    earlier = post.sent_before(service, context.reading(), submission)
    return posted_json(earlier or post.post(context.service_to_write(), submission, html, client=None))


@posting.patch("/api/v1/comments/<comment>")
def edit_comment(comment: str) -> Response:
    """Give one's own comment another text: 200 public, 202 it waits again."""
    context.limits().spend_attempt()
    key, service = parameters.edit_key(), context.service()
    sent, type_errors = parameters.text_fields(parameters.json_object(), ["text"])
    site = edit.site_of_comment(service, context.reading(), comment, key)
    with rendering():
        text, html = checked_text(site, sent, type_errors)
    edited = edit.edit(context.service_to_write(), comment, key, text, html, client=context.client())
    if edited.state is State.APPROVED:
        return private_json(EditedAnswer(edited.comment))
    return private_json(EditedAnswer(edited.comment, State.PENDING), 202)


@posting.delete("/api/v1/comments/<comment>")
def delete_comment(comment: str) -> Response:
    """Erase one's own comment."""
    context.limits().spend_attempt()
    edit.delete(context.service_to_write(), comment, parameters.edit_key())
    return uncacheable(Response(status=204))


@posting.post("/api/v1/preview")
def preview() -> Response:
    """Exactly what posting would show: as JSON, or as HTML for a reader that asks for that alone."""
    with rendering():
        service = context.service()
        sent, type_errors = parameters.text_fields(parameters.json_object(), ["text", "site"])
        site = site_of(service, context.reading(), sent.pop("site", None))
        check_origin_of_any_site(site)
        _, html = checked_text(site, sent, type_errors)
    if request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html":
        return uncacheable(Response(html, content_type=HTML))
    return private_json(Preview(html))
