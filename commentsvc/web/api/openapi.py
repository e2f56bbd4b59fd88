"""The OpenAPI 3.1 document, made from what validates and answers, and a page to read it on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec
from flask import Blueprint, Flask, Response, current_app, render_template

from commentsvc import __version__
from commentsvc.actions.read import DEFAULT_PAGE, MAX_PAGE
from commentsvc.audit.trail import Kind
from commentsvc.http_terms import API, FORM, HTML
from commentsvc.intake.articles import LONGEST as LONGEST_ARTICLE
from commentsvc.intake.articles import MAX_ARTICLES
from commentsvc.model import Block, Order, PublicComment, State, ThreadFacts, ThreadPage
from commentsvc.publishing.feeds import CONTENT_TYPE as ATOM
from commentsvc.web import context, schemas, urls
from commentsvc.web.api.moderation import BlockRequest, DecisionRequest, SearchRequest, ThreadRequest
from commentsvc.web.assets import JAVASCRIPT
from commentsvc.web.forms import describe_fields
from commentsvc.web.languages import FOR_READERS
from commentsvc.web.responses import constant

openapi = Blueprint("openapi", __name__)


Schema = dict[str, Any]
PROBLEM = "application/problem+json"


def _query(name: str, schema: Schema, says: str, *, required: bool = False) -> Schema:
    return {"name": name, "in": "query", "required": required, "description": says, "schema": schema}


ARTICLE = _query(
    "article",
    {"type": "string", "minLength": 1, "maxLength": LONGEST_ARTICLE},
    "The article's ID.",
    required=True,
)
ARTICLES = ARTICLE | {
    "schema": {"type": "array", "items": ARTICLE["schema"], "minItems": 1, "maxItems": MAX_ARTICLES}
}
SITE = _query("site", {"type": "string", "default": "default"}, "The site's slug.")
CURSOR = _query("cursor", {"type": "string"}, "`next` of the page before.")
PAGE = [
    _query("order", {"enum": list(Order), "default": Order.OLDEST}, "The order of the roots."),
    _query(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": DEFAULT_PAGE},
        "Comments a page.",
    ),
    CURSOR,
    _query("comment", {"type": "string"}, "Give the page on which this comment stands."),
]
PLACE = PAGE[:-1]  # to which page of the thread a form leads back
LANG = _query(
    "lang",
    {"type": "string"},
    "The language of the words (RFC 5646); English where it is none that is spoken.",
)
OWN = _query("comment", {"type": "string"}, "The comment's id.", required=True)
LIMIT = _query("limit", {"type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": 50}, "How many.")
ANY_SITE = SITE | {"schema": {"type": "string"}, "description": "One site alone."}


OWN_RECEIPT = _query(
    "own", {"type": "string"}, "From the redirect after a post: show its author the private link."
)
TOLD = [
    _query("held", {"const": "1"}, "From the redirect after a post: say that it waits."),
    _query("deleted", {"const": "1"}, "From the redirect after a deletion: say so."),
]


@dataclass(frozen=True)
class Described:
    """What the document says of an endpoint besides its docstring.

    `answers` maps a status to a type of ours, to a content type, or to None for no body.
    """

    tag: str
    answers: Mapping[int, Any]
    parameters: Sequence[Schema] = ()
    request: Any = None
    refusals: Sequence[int] = ()
    security: Sequence[str] = ()


EDIT: dict[str, Any] = {"refusals": (403, 404, 415, 422, 429, 503), "security": ("editKey",)}
MODERATION: dict[str, Any] = {"tag": "Moderating", "security": ("apiToken", "session")}

DESCRIBED: dict[str, Described] = {
    "reading.thread": Described(
        "Reading", {200: ThreadPage}, [ARTICLE, SITE, *PAGE], refusals=(404, 422, 429)
    ),
    "reading.comment": Described("Reading", {200: PublicComment}, refusals=(404, 429)),
    "reading.counts": Described("Reading", {200: schemas.Counts}, [ARTICLES, SITE], refusals=(404, 422, 429)),
    "reading.thread_feed": Described("Reading", {200: ATOM}, [ARTICLE, SITE], refusals=(404, 422, 429)),
    "reading.site_feed": Described("Reading", {200: ATOM}, [SITE], refusals=(404, 429)),
    "pages.fragment": Described(
        "Reading",
        {200: HTML},
        [
            ARTICLE,
            SITE,
            *PAGE,
            _query("closed", {"const": "1"}, "Show it as closed, on a page that says so."),
        ],
        refusals=(404, 422, 429),
    ),
    "pages.thread": Described(
        "Reading",
        {200: HTML},
        [
            ARTICLE,
            SITE,
            *PAGE,
            *TOLD,
            _query("reply_to", {"type": "string"}, "Set the form to answer this comment."),
            OWN_RECEIPT,
        ],
        refusals=(404, 422, 429),
    ),
    "pages.post_comment": Described(
        "Posting",
        {303: None, 200: HTML, 422: HTML, 409: HTML, 429: HTML, 403: HTML, 413: HTML, 415: HTML, 503: HTML},
        [ARTICLE, SITE, *PAGE, *TOLD, OWN_RECEIPT],
        request="form",
        refusals=(404,),
    ),
    "pages.own_comment": Described(
        "Posting",
        {200: HTML},
        [_query("comment", {"type": "string"}, "Its id; the edit key is the bearer.", required=True)],
        refusals=(403, 404, 429),
        security=("editKey",),
    ),
    "editing.edit_page": Described(
        "Posting",
        {200: HTML},
        [ARTICLE, SITE, OWN, *PLACE],
        refusals=(404, 422, 429),
    ),
    "editing.edit_comment": Described(
        "Posting",
        {303: None, 200: HTML, 403: HTML, 404: HTML, 413: HTML, 415: HTML, 422: HTML, 429: HTML},
        [ARTICLE, SITE, OWN, *PLACE],
        request="own form",
    ),
    "scripts.embed": Described("Embedding", {200: JAVASCRIPT}),
    "scripts.count": Described("Embedding", {200: JAVASCRIPT}),
    "scripts.follow": Described("Embedding", {200: JAVASCRIPT}),
    "scripts.write": Described("Embedding", {200: JAVASCRIPT}),
    "scripts.publisher": Described("Embedding", {200: JAVASCRIPT}),
    "scripts.words": Described("Embedding", {200: JAVASCRIPT}),
    "scripts.of_content": Described("Embedding", {200: JAVASCRIPT}, refusals=(404, 429)),
    "scripts.frame": Described("Embedding", {200: JAVASCRIPT}),
    "posting.form_token": Described(
        "Posting", {200: schemas.FormAnswer}, [ARTICLE, SITE], refusals=(404, 422, 429)
    ),
    "posting.create_comment": Described(
        "Posting",
        {201: schemas.PostedAnswer, 202: schemas.PostedAnswer, 200: schemas.PostedAnswer},
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
    ),
    "posting.edit_comment": Described(
        "Posting", {200: schemas.EditedAnswer, 202: schemas.EditedAnswer}, request="text", **EDIT
    ),
    "posting.delete_comment": Described("Posting", {204: None}, **EDIT),
    "posting.preview": Described(
        "Posting", {200: schemas.Preview}, request="preview", refusals=(400, 403, 404, 413, 415, 422, 429)
    ),
    "moderating.comments": Described(
        answers={200: schemas.Queue},
        parameters=[
            _query("state", {"type": "array", "items": {"enum": list(State)}}, "All states unless named."),
            ANY_SITE,
            ARTICLE | {"required": False},
            _query("q", {"type": "string"}, "In the text or the name."),
            _query("email", {"type": "string"}, "Exactly this address, in any case; better sent to /search."),
            _query("email_of", {"type": "string"}, "A comment: all that came from its address."),
            LIMIT,
            CURSOR,
        ],
        refusals=(403, 404, 422, 429),
        **MODERATION,
    ),
    "moderating.search": Described(
        answers={200: schemas.Queue},
        request=SearchRequest,
        refusals=(400, 403, 404, 415, 422, 429),
        **MODERATION,
    ),
    "moderating.audit_trail": Described(
        answers={200: schemas.AuditTrail},
        parameters=[_query("kind", {"enum": list(Kind)}, "Of this kind alone."), LIMIT, CURSOR],
        refusals=(403, 422, 429),
        **MODERATION,
    ),
    "moderating.list_sessions": Described(
        "Moderating", {200: schemas.Sessions}, refusals=(403, 429), security=("session",)
    ),
    "moderating.end_session": Described(
        "Moderating", {204: None}, refusals=(403, 404, 429), security=("session",)
    ),
    "moderating.decide": Described(
        answers={200: schemas.DecisionsAnswer},
        request=DecisionRequest,
        refusals=(400, 403, 415, 422, 429),
        **MODERATION,
    ),
    "moderating.audit_log": Described(
        answers={200: schemas.AuditLog},
        parameters=[ANY_SITE, _query("comment", {"type": "string"}, "Of one comment alone."), LIMIT, CURSOR],
        refusals=(403, 404, 422, 429),
        **MODERATION,
    ),
    "moderating.change_thread": Described(
        answers={200: ThreadFacts},
        request=ThreadRequest,
        refusals=(400, 403, 404, 415, 422, 429),
        **MODERATION,
    ),
    "moderating.list_blocks": Described(
        answers={200: schemas.Blocks}, parameters=[ANY_SITE], refusals=(403, 404, 429), **MODERATION
    ),
    "moderating.add_block": Described(
        answers={201: Block}, request=BlockRequest, refusals=(400, 403, 404, 415, 422, 429), **MODERATION
    ),
    "moderating.lift_block": Described(answers={204: None}, refusals=(403, 404, 429), **MODERATION),
    "desk.queue": Described("The desk", {200: HTML, 303: None}, refusals=(429,), security=("session",)),
    "desk.decide": Described("The desk", {303: None}, refusals=(429,), security=("session",)),
    "desk.sign_in_page": Described("The desk", {200: HTML}),
    "desk.sign_in": Described("The desk", {303: None, 422: HTML, 429: HTML}),
    "desk.sign_out": Described("The desk", {303: None}, security=("session",)),
    "desk.search": Described("The desk", {303: None}, security=("session",)),
    "account.show": Described("The desk", {200: HTML, 303: None}, refusals=(429,), security=("session",)),
    "account.change_password": Described(
        "The desk", {303: None, 422: HTML, 429: HTML}, security=("session",)
    ),
    "account.end_session": Described("The desk", {303: None}, security=("session",)),
    "health.healthz": Described("Running", {200: "text/plain"}),
    "health.readyz": Described("Running", {200: "text/plain"}, refusals=(503,)),
    "root.front_page": Described("Running", {200: HTML}, refusals=(429,)),
    "security_txt.contact": Described("Running", {200: "text/plain"}, refusals=(404, 429)),
    "openapi.document": Described("Running", {200: "application/json"}, refusals=(429,)),
    "openapi.docs": Described("Running", {200: HTML}, refusals=(429,)),
}

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
EVERYWHERE = (405, 406, 429, 431, 503)  # what any address may answer
WITH_BODY = (400, 408, 413)
MEANS = {
    200: "Done",
    201: "The comment is public",
    202: "The comment waits for a moderator",
    204: "Done, nothing to say",
    302: "It lies there now",
    303: "Look there",
    400: "The request cannot be read",
    403: "Not allowed: the origin or the capability",
    404: "There is none, or it is not public",
    405: "Not with this method; `Allow` names those there are",
    406: "`Accept-Encoding` refuses all there is",
    408: "The body did not arrive in time",
    409: "In conflict with what is there",
    413: "Too large",
    415: "Not a type of content that is read here",
    422: "Fields are not valid; `errors` names them",
    429: "Too many requests; `Retry-After` says when",
    431: "A header is too long",
    503: "Not at the moment; `Retry-After` says when",
}
SECURITY = {
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
def document() -> Response:
    """This description of the service, as OpenAPI 3.1."""
    return constant(msgspec.json.encode(_document()), "application/json")


@openapi.get("/docs")
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
        if rule.endpoint not in DESCRIBED:
            continue
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            view = app.view_functions[rule.endpoint]
            paths.setdefault(path, {})[method.lower()] = _operation(
                path, method, rule.endpoint, view.__doc__ or "", sorted(rule.arguments), max_text
            )
    return dict(sorted(paths.items()))


def parameters_of(endpoint: str) -> list[Schema]:
    """The parameters of a route besides those of its path; all that speak to readers have a language."""
    in_words = [LANG] if endpoint.partition(".")[0] in FOR_READERS else []
    return [*DESCRIBED[endpoint].parameters, *in_words]


def _operation(
    path: str, method: str, endpoint: str, docstring: str, in_path: Sequence[str], max_text: int
) -> Schema:
    said = DESCRIBED[endpoint]
    operation: Schema = {
        "operationId": endpoint.replace(".", "_"),
        "tags": [said.tag],
        "summary": " ".join(docstring.split()),
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in in_path
        ]
        + parameters_of(endpoint),
        "responses": {str(status): _answer(status, body) for status, body in said.answers.items()},
    }
    everywhere = (*EVERYWHERE, *(WITH_BODY if method in {"POST", "PATCH"} else ()))
    for status in (*said.refusals, *everywhere):
        answer = operation["responses"].setdefault(
            str(status), _answer(status, schemas.ProblemAnswer, PROBLEM)
        )
        if status >= 400 and not path.startswith(API):  # a browser gets a page
            problem = _answer(status, schemas.ProblemAnswer, PROBLEM)["content"]
            answer["content"] = problem | {"text/html": {"schema": {"type": "string"}}}
    if said.request is not None:
        operation["requestBody"] = {"required": True, "content": _request(said.request, max_text)}
    if said.security:
        operation["security"] = [{name: []} if name else {} for name in said.security]
    return operation


def _request(request: Any, max_text: int) -> Schema:
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
        answer["content"] = {content_type: {"schema": _schemas()[0][body]}}
    return answer


@cache
def _schemas() -> tuple[dict[Any, Schema], Schema]:
    shapes: set[Any] = {schemas.ProblemAnswer}
    for said in DESCRIBED.values():
        shapes.update(body for body in said.answers.values() if isinstance(body, type))
        if isinstance(said.request, type):
            shapes.add(said.request)
    ordered = sorted(shapes, key=lambda shape: shape.__name__)
    made, components = msgspec.json.schema_components(ordered, ref_template="#/components/schemas/{name}")
    return dict(zip(ordered, made, strict=True)), components
