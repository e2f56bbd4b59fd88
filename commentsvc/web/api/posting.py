"""Posting as JSON: form tokens, posts, edits, previews."""

from __future__ import annotations

from flask import Response, request

from commentsvc.actions import api_clients, edit, post, read
from commentsvc.actions.sites import site_of
from commentsvc.errors import Invalid
from commentsvc.http_terms import HTML
from commentsvc.intake import form_tokens
from commentsvc.intake.articles import NO_SUCH_ARTICLE
from commentsvc.model import State
from commentsvc.web import context, parameters
from commentsvc.web.counting import counts_itself
from commentsvc.web.descriptions import ARTICLE, EDIT, SITE, described
from commentsvc.web.languages import ForReaders
from commentsvc.web.origins import check_origin, check_origin_of_any_site
from commentsvc.web.posting import checked_submission, checked_text, posted, sent_before
from commentsvc.web.rendering import rendering
from commentsvc.web.responses import uncacheable
from commentsvc.web.schemas import EditedAnswer, FormAnswer, PostedAnswer, Preview, posted_json, private_json

posting = ForReaders("posting", __name__)


@posting.get("/api/v1/form")
@described("Posting", {200: FormAnswer}, [ARTICLE, SITE], refusals=(404, 422, 429))
def form_token() -> Response:
    """A fresh form token for one article."""
    service, site, article = context.service(), parameters.site(), parameters.article()
    if not read.takes_article(context.reading(), site, article):
        raise Invalid({"article": [NO_SUCH_ARTICLE]})
    token = form_tokens.issue(service, site, article)
    return private_json(FormAnswer(token, service.settings.form_min_seconds, form_tokens.LIFETIME))


@posting.post("/api/v1/comments")
@counts_itself
@described(
    "Posting",
    {201: PostedAnswer, 202: PostedAnswer, 200: PostedAnswer},
    [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "description": "Of a program with an API token: sent again, it makes no second comment.",
            "schema": {"type": "string"},
        }
    ],
    request="json",
    refusals=(400, 403, 404, 408, 409, 413, 415, 422, 429, 503),
    security=("", "apiToken"),
)
def create_comment() -> Response:
    """Post a comment: 201 public, 202 held, 200 the same token and content again."""
    key = parameters.bearer()
    if key is not None:
        return _posted_by_api_client(key)
    with context.limits().counting() as counting:
        counting.attempt()
        sent, type_errors = parameters.text_fields(parameters.json_object(), parameters.POSTING_FIELDS)
        site = site_of(context.service(), context.reading(), sent.get("site"))
        check_origin(site)
        with rendering(counting):
            submission, html = checked_submission(site, sent, type_errors)
        earlier = sent_before(counting, submission)
    return posted_json(posted(counting, submission, html, earlier))


def _posted_by_api_client(key: str) -> Response:
    """A program posts for many people: it is counted as a reader, and its own network is no author's."""
    context.limits().spend_read()
    sent, type_errors = parameters.text_fields(parameters.json_object(), parameters.POSTING_FIELDS)
    service = context.service()
    site = api_clients.site_to_post_to(context.service_to_write(), key, sent.get("site"))
    with rendering(None):
        submission, html = checked_submission(site, sent, type_errors, with_token=False)
    submission = api_clients.of_api_client(
        context.service_to_write(), key, submission, request.headers.get("Idempotency-Key")
    )
    earlier = post.sent_before(service, context.reading(), submission)
    return posted_json(earlier or post.post(context.service_to_write(), submission, html, client=None))


@posting.patch("/api/v1/comments/<comment>")
@counts_itself
@described("Posting", {200: EditedAnswer, 202: EditedAnswer}, request="text", **EDIT)
def edit_comment(comment: str) -> Response:
    """Give one's own comment another text: 200 public, 202 it waits again."""
    service = context.service()
    with context.limits().counting() as counting:
        counting.attempt()
        key = parameters.edit_key()
        sent, type_errors = parameters.text_fields(parameters.json_object(), ["text"])
        edit.require_editable(service, context.reading(), comment, key)
        with rendering(counting):
            text, html = checked_text(sent, type_errors)
    edited = edit.edit(context.service_to_write(), comment, key, text, html, client=context.client())
    if edited.state is State.APPROVED:
        return private_json(EditedAnswer(edited.comment))
    return private_json(EditedAnswer(edited.comment, State.PENDING), 202)


@posting.delete("/api/v1/comments/<comment>")
@counts_itself
@described("Posting", {204: None}, **EDIT)
def delete_comment(comment: str) -> Response:
    """Erase one's own comment."""
    with context.limits().counting() as counting:
        counting.attempt()
        key = parameters.edit_key()
    edit.delete(context.service_to_write(), comment, key)
    return uncacheable(Response(status=204))


@posting.post("/api/v1/preview")
@counts_itself
@described("Posting", {200: Preview}, request="preview", refusals=(400, 403, 404, 413, 415, 422, 429))
def preview() -> Response:
    """Exactly what posting would show: as JSON, or as HTML for a reader that asks for that alone."""
    with context.limits().counting() as counting, rendering(counting):
        sent, type_errors = parameters.text_fields(parameters.json_object(), ["text", "site"])
        site = site_of(context.service(), context.reading(), sent.pop("site", None))
        check_origin_of_any_site(site)
        _, html = checked_text(sent, type_errors)
    if request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html":
        return uncacheable(Response(html, content_type=HTML))
    return private_json(Preview(html))
