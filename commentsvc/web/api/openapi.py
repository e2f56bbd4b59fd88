"""The OpenAPI 3.1 document, made from what validates and answers, and a page to read it on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from types import UnionType
from typing import Any, get_args

import msgspec
from flask import Blueprint, Flask, Response, current_app, render_template

from commentsvc import __version__
from commentsvc.http_terms import API, FORM, HTML
from commentsvc.intake.fields import LONGEST, LONGEST_WORDS
from commentsvc.model import ReportReason
from commentsvc.web import context, schemas, urls
from commentsvc.web.descriptions import (
    LANG,
    SITE,
    Description,
    Schema,
    all_descriptions,
    described,
    description_of,
)
from commentsvc.web.forms import describe_fields
from commentsvc.web.languages import is_for_readers
from commentsvc.web.responses import constant

openapi = Blueprint("openapi", __name__)


PROBLEM = "application/problem+json"


_PREVIEW = {"preview": {"type": "string", "description": "If it is there: 200 and what would be shown."}}
# What the forms of the pages send besides the fields of a posting.
BUTTONS: dict[str, Schema] = {
    "form": _PREVIEW,
    "own form": _PREVIEW
    | {
        "key": {"type": "string", "description": "The edit key, or the private link that ends with it."},
        "open": {
            "type": "string",
            "description": "If it is there: 200 and the form with the comment's text.",
        },
        "delete": {"enum": ["ask", "yes"], "description": "`ask`: 200 and the question; `yes`: delete it."},
        "keep": {"type": "string", "description": "The answer no to that question."},
    },
}
# The forms that hold no comment.
OTHER_FORMS: dict[str, Schema] = {
    "report form": {
        "type": "object",
        "properties": {
            "token": {"type": "string", "description": "From that page, or from GET /api/v1/form."},
            "reason": {"enum": list(ReportReason), "description": "What is wrong with the comment."},
            "text": {"type": "string", "maxLength": LONGEST_WORDS, "description": "An explanation."},
            "name": {
                "type": "string",
                "maxLength": LONGEST["name"],
                "description": "Seen by moderators alone.",
            },
            "email": {"type": "string", "format": "email", "description": "Seen by moderators alone."},
            "good_faith": {
                "type": "string",
                "description": "If it is not empty: the statement of good faith.",
            },
        },
        "required": ["token", "reason"],
    },
    "address form": {
        "type": "object",
        "properties": {
            "email": {"type": "string", "format": "email", "description": "Where the link is to be sent."}
        },
        "required": ["email"],
    },
    "own data form": {
        "type": "object",
        "properties": {
            "do": {
                "enum": ["download", "ask-erase", "erase", "stop", "resume", "stop-all", "come-back", "show"],
                "description": "What is to be done.",
            },
            "follow": {"type": "string", "description": "Which emails to stop or resume, by number."},
            "texts": {"enum": ["erase", "keep"], "description": "What becomes of the texts of comments."},
        },
        "required": ["do"],
    },
    "objection form": {
        "type": "object",
        "properties": {
            "key": {"type": "string", "description": "The edit key, or the private link that ends with it."},
            "objection": {
                "type": "string",
                "maxLength": LONGEST_WORDS,
                "description": "What one has to say against the decision.",
            },
        },
        "required": ["key", "objection"],
    },
}
EVERYWHERE = (405, 406, 429, 431, 503)  # what any address may answer
WITH_BODY = (400, 408, 413)
MEANS = {
    200: "Done",
    201: "The comment is public",
    202: "The comment waits for a moderator",
    204: "Done, no content",
    302: "Found",
    303: "See Other",
    400: "Bad Request",
    403: "Not allowed: the origin or the capability",
    404: "Not found, or not public",
    405: "Method Not Allowed; `Allow` names those that are",
    406: "`Accept-Encoding` refuses every coding there is",
    408: "The body did not arrive in time",
    409: "Conflict",
    410: "A link that is out of date",
    413: "Too large",
    415: "Unsupported Media Type",
    422: "Fields are not valid; `errors` names them",
    429: "Too many requests; `Retry-After` says when",
    431: "A header is too long",
    501: "Not under this server",
    503: "Not at the moment; `Retry-After` says when",
}
SECURITY = {
    "metricsToken": {"type": "http", "scheme": "bearer", "description": "The operator's METRICS_TOKEN."},
    "editKey": {
        "type": "http",
        "scheme": "bearer",
        "description": "The edit key that was handed out with the comment.",
    },
    "apiToken": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API token, from “commentsvc token create”.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "commentsvc_session",
        "description": "The session of somebody signed in at /moderation; writes need X-CSRFToken too.",
    },
}


@openapi.get("/openapi.json")
@described("Running", {200: "application/json"}, refusals=(429,))
def document() -> Response:
    """This description of the service, as OpenAPI 3.1."""
    return constant(msgspec.json.encode(_document()), "application/json")


@openapi.get("/docs")
@described("Running", {200: HTML}, refusals=(429,))
def docs() -> Response:
    """A page to read it on, without a script."""
    return constant(render_template("docs.html", api=_document(), root=urls.root()), HTML)


def _document() -> Schema:
    settings = context.service().settings
    session = SECURITY["session"] | {"name": current_app.config["SESSION_COOKIE_NAME"]}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "commentsvc",
            "version": __version__,
            "description": "Threaded comments on articles. Nothing public depends on an e-mail address.",
        },
        "servers": [{"url": settings.base_url}],
        "paths": _paths(current_app, settings.max_text),
        "components": {"schemas": _schemas()[1], "securitySchemes": SECURITY | {"session": session}},
    }


def _paths(app: Flask, max_text: int) -> Schema:
    paths: Schema = {}
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        description = description_of(view)
        if description is None:
            continue
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            paths.setdefault(path, {})[method.lower()] = _operation(
                description, path, method, rule.endpoint, view.__doc__ or "", sorted(rule.arguments), max_text
            )
    return dict(sorted(paths.items()))


def parameters_of(app: Flask, endpoint: str, description: Description) -> list[Schema]:
    """The parameters of a route besides those of its path; all that speak to readers have a language."""
    in_words = [LANG] if is_for_readers(app, endpoint.partition(".")[0]) else []
    return [*description.parameters, *in_words]


def _operation(
    description: Description,
    path: str,
    method: str,
    endpoint: str,
    docstring: str,
    in_path: Sequence[str],
    max_text: int,
) -> Schema:
    operation: Schema = {
        "operationId": endpoint.replace(".", "_"),
        "tags": [description.tag],
        "summary": " ".join(docstring.split()),
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in in_path
        ]
        + parameters_of(current_app, endpoint, description),
        "responses": {str(status): _answer(status, body) for status, body in description.answers.items()},
    }
    everywhere = (*EVERYWHERE, *(WITH_BODY if method in {"POST", "PATCH"} else ()))
    for status in (*description.refusals, *everywhere):
        answer = operation["responses"].setdefault(
            str(status), _answer(status, schemas.ProblemAnswer, PROBLEM)
        )
        if status >= 400 and not path.startswith(API):  # a browser gets a page
            problem = _answer(status, schemas.ProblemAnswer, PROBLEM)["content"]
            answer["content"] = problem | {"text/html": {"schema": {"type": "string"}}}
    if description.request is not None:
        operation["requestBody"] = {"required": True, "content": _request(description.request, max_text)}
    if description.security:
        operation["security"] = [{name: []} if name else {} for name in description.security]
    return operation


def _request(request: Any, max_text: int) -> Schema:
    if request in OTHER_FORMS:
        return {FORM: {"schema": OTHER_FORMS[request]}}
    if isinstance(request, str):
        fields = describe_fields(max_text, text_alone=request in {"text", "own form", "preview"})
        if request == "form":
            fields["properties"].pop("article")  # the query names it
            fields["required"].remove("article")
        if request in BUTTONS:
            fields["properties"] |= BUTTONS[request]
            return {FORM: {"schema": fields}}
        if request == "preview":
            fields["properties"]["site"] = SITE["schema"] | {"description": SITE["description"]}
        return {schemas.JSON: {"schema": fields}}
    return {schemas.JSON: {"schema": _schemas()[0][request]}}


def _answer(status: int, body: Any, content_type: str = schemas.JSON) -> Schema:
    answer: Schema = {"description": MEANS[status]}
    if isinstance(body, str):
        answer["content"] = {body.partition(";")[0]: {"schema": {"type": "string"}}}
    elif body is not None:
        known = _schemas()[0]
        shapes = [known[shape] for shape in _shapes_of(body)]
        answer["content"] = {content_type: {"schema": shapes[0] if len(shapes) == 1 else {"anyOf": shapes}}}
    return answer


def _shapes_of(body: Any) -> tuple[Any, ...]:
    """The types of an answer that may be one of several; none where it is no JSON."""
    if isinstance(body, UnionType):
        return get_args(body)
    return (body,) if isinstance(body, type) else ()


@cache
def _schemas() -> tuple[dict[Any, Schema], Schema]:
    shapes: set[Any] = {schemas.ProblemAnswer}
    for description in all_descriptions():
        shapes.update(shape for body in description.answers.values() for shape in _shapes_of(body))
        if isinstance(description.request, type):
            shapes.add(description.request)
    ordered = sorted(shapes, key=lambda shape: shape.__name__)
    schemas_in_order, components = msgspec.json.schema_components(
        ordered, ref_template="#/components/schemas/{name}"
    )
    return dict(zip(ordered, schemas_in_order, strict=True)), components
