"""Errors on the wire: RFC 9457 problem+json. The one table from the domain's words to statuses."""

from __future__ import annotations

from gettext import NullTranslations
from http import HTTPStatus

from flask import Flask, Response, redirect, request
from msgspec import json
from werkzeug.exceptions import HTTPException, InternalServerError, MethodNotAllowed, RequestEntityTooLarge
from werkzeug.wrappers import Response as AnyResponse

from commentsvc import errors
from commentsvc.errors import Busy, Invalid, Problem, TooMany
from commentsvc.http_terms import API, PROBLEM
from commentsvc.log import log_fault
from commentsvc.messages import message
from commentsvc.storage.faults import is_of_database, is_of_machine
from commentsvc.web import context, urls
from commentsvc.web.languages import translated, translated_errors
from commentsvc.web.message_pages import NOT_HERE, error_page, wants_page

STATUS: dict[type[Problem], int] = {
    errors.Malformed: 400,
    errors.NotAuthenticated: 403,
    errors.Forbidden: 403,
    errors.SecondFactorRequired: 403,
    errors.OriginRefused: 403,
    errors.NotFound: 404,
    errors.OutOfDate: 410,
    errors.NoSuchParent: 409,
    errors.ThreadClosed: 409,
    errors.ArticleTaken: 409,
    errors.TokenSpent: 409,
    errors.AlreadyDecided: 409,
    errors.AlreadySent: 409,
    errors.ObjectionAnswered: 409,
    errors.CatchesAll: 409,
    errors.LastAdmin: 409,
    errors.TooLarge: 413,
    errors.UnsupportedMedia: 415,
    errors.Invalid: 422,
    errors.Unrenderable: 422,
    errors.TokenExpired: 422,
    errors.TooFast: 422,
    errors.TooMany: 429,
    errors.Busy: 503,
    errors.BadSetting: 500,
    errors.SchemaOutdated: 503,
}

# The types that programs act on; their addresses never change.
TYPES: dict[type[Problem], str] = {
    errors.TokenExpired: "token-expired",
    errors.TokenSpent: "token-spent",
    errors.TooFast: "too-fast",
    errors.ThreadClosed: "thread-closed",
    errors.OriginRefused: "origin",
    errors.Invalid: "invalid",
    errors.TooMany: "rate-limited",
    errors.SlowMode: "slow-mode",
}

TRY_AGAIN_SECONDS = Busy.seconds


def install(app: Flask) -> None:
    """Answer every error of *app* as a problem."""
    app.register_error_handler(Problem, _answer_problem)
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(Exception, _answer_fault)
    app.logger.disabled = True  # it would tell an error's message, which `log_fault` does not


def problem(
    status: int, detail: str, *, kind: str | None = None, fields: errors.FieldErrors | None = None
) -> Response:
    """One problem as an answer; `kind` is the last part of its `type`. Who came with a browser gets a page."""
    return _with_retry_after(_page_or_json(status, detail, kind, fields))


def _page_or_json(status: int, detail: str, kind: str | None, fields: errors.FieldErrors | None) -> Response:
    """A page where one is wanted and can be made: its template may be one file too many, or have a fault."""
    if wants_page():
        try:
            return error_page(status, detail, fields)
        except Exception as why:
            log_fault(why, str(request.url_rule))
    return _json(status, detail, kind, fields)


def _with_retry_after(response: Response) -> Response:
    """Say when to come again, where that may help."""
    if response.status_code == 503:
        response.headers["Retry-After"] = str(TRY_AGAIN_SECONDS)
    return response


def _json(status: int, detail: str, kind: str | None, fields: errors.FieldErrors | None) -> Response:
    base_url = context.service().settings.base_url
    body: dict[str, object] = {
        "type": f"{base_url}/problems/{kind}" if kind else "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if fields:
        body["errors"] = fields
    response = Response(json.encode(body), status=status, content_type=PROBLEM)
    response.headers["Cache-Control"] = "no-store"
    return response


def status_of(error: Problem) -> int:
    """The status of that error, or of the nearest of its classes in the table."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def headers_of(error: Problem) -> dict[str, str]:
    """The headers that tell more of that error: when to come again (seconds), and of a limit that was reached."""
    if isinstance(error, Busy):
        return {"Retry-After": str(error.seconds)}
    if not isinstance(error, TooMany):
        return {}
    seconds = str(error.seconds)
    return {
        "Retry-After": seconds,
        "RateLimit-Limit": str(error.limit),
        "RateLimit-Remaining": "0",
        "RateLimit-Reset": seconds,
    }


def _answer_problem(error: Problem) -> Response | AnyResponse:
    if isinstance(error, errors.SecondFactorRequired) and not request.path.startswith(API):
        return redirect(urls.account(), 303)
    kind = next((TYPES[kind] for kind in type(error).__mro__ if kind in TYPES), None)
    fields = translated_errors(error.errors) if isinstance(error, Invalid) else None
    response = problem(status_of(error), translated(error.detail), kind=kind, fields=fields)
    response.headers.update(headers_of(error))
    return response


def _answer_http(error: HTTPException) -> Response:
    if isinstance(error, InternalServerError) and isinstance(error.original_exception, Exception):
        return _answer_fault(error.original_exception)  # of answering another error
    status = error.code or 500
    details = {
        404: translated(NOT_HERE)
        if wants_page()
        else "There is nothing at this address; /docs lists what there is.",
        405: f"{request.method} is not answered here.",
        413: "The body is larger than any comment can be.",
    }
    response = problem(status, details.get(status) or error.description or "")
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    if isinstance(error, RequestEntityTooLarge):
        response.headers["Connection"] = "close"
    return response


def _answer_fault(error: Exception) -> Response:
    """503 where the database or the machine is short of something; all else is a fault of the program.

    What became of what was sent is not said, as nobody may know: a commit can be lost on its way back.
    """
    log_fault(error, str(request.url_rule))
    if is_of_database(error):
        context.service().database.illness.note(error)
        status, detail = 503, message("The database cannot take this now. Please try again in a moment.")
    elif is_of_machine(error):
        status, detail = 503, message("The service cannot take this now. Please try again in a moment.")
    else:
        status, detail = 500, message("Something went wrong on our side. The error has been logged.")
    try:
        return problem(status, translated(detail))
    except Exception as why:  # a catalogue may be one file too many
        log_fault(why, str(request.url_rule))
        return _with_retry_after(_json(status, detail.within(NullTranslations()), None, None))
