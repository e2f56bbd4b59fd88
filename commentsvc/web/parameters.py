"""Query parameters and bodies, read with an error for each that is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import msgspec
from flask import g, request
from werkzeug.datastructures import MultiDict

from commentsvc.actions.read import DEFAULT_PAGE, PageRequest
from commentsvc.actions.sites import site_of
from commentsvc.cache import keys
from commentsvc.errors import Invalid, Malformed, NotAuthenticated, TooLarge, UnsupportedMedia
from commentsvc.http_terms import TOO_LARGE as TOO_LARGE_KEY
from commentsvc.intake.articles import MAX_ARTICLES, read_article
from commentsvc.intake.fields import TRAP
from commentsvc.messages import message
from commentsvc.model import Order, Site
from commentsvc.web import context

TOO_LARGE = message("The body is larger than any comment can be.")
POSTING_FIELDS = (
    "article",
    "site",
    "parent",
    "name",
    "email",
    "url",
    "text",
    "token",
    "author_key",
    "title",
    "page_url",
    "notify",
    TRAP,
)


T = TypeVar("T")


def site() -> Site:
    """The site that the query names, the default one if none; `g.site` from then on."""
    if "site" not in g:
        g.site = site_of(context.service(), context.reading(), request.args.get("site"))
    named: Site = g.site
    return named


def article() -> str:
    """The article that the query names.

    :raises Invalid: none is named, or it is no article ID.
    """
    try:
        return read_article(next(iter(_articles_named()), ""))
    except ValueError as wrong:
        raise Invalid({"article": [str(wrong)]}) from None


def articles() -> list[str]:
    """All the articles that the query names, each once, in one order whatever the query's.

    :raises Invalid: there are none or too many, or one is no article ID.
    """
    raw = _articles_named()
    if not 1 <= len(raw) <= MAX_ARTICLES:
        raise Invalid({"article": [f"Name 1 to {MAX_ARTICLES} articles; this request names {len(raw)}."]})
    try:
        return sorted(set(map(read_article, raw)))
    except ValueError as wrong:
        raise Invalid({"article": [str(wrong)]}) from None


def _articles_named() -> list[str]:
    query = request.query_string.decode("ascii")
    return [value for name, value in keys.parameters_of(query) if name == "article"]


def page_request() -> PageRequest:
    """Which page of a thread the query asks for.

    A form that is sent counts, whatever its address says of the page that it stands on: what is wrong there is left out.

    :raises Invalid: with the errors of all its parameters.
    """
    errors: dict[str, list[str]] = {}
    order = _read("order", keys.read_order, Order.OLDEST, errors)
    many = _read("limit", keys.read_limit, DEFAULT_PAGE, errors)
    if errors and request.method != "POST":
        raise Invalid(errors)
    around = keys.read_comment(request.args.get("comment", ""))
    return PageRequest(order, many, request.args.get("cursor"), around)


def query() -> MultiDict[str, str]:
    """The query as Werkzeug reads it, but an article as `article` does: it is refused where it cannot be one."""
    merged = MultiDict(request.args)
    if named := _articles_named():
        merged.setlist("article", named)
    return merged


def limit(default: int, raw: str | None = None) -> int:
    """How many the query asks for, or *raw* in its place.

    :raises Invalid: not a whole number from 1 to 200.
    """
    errors: dict[str, list[str]] = {}
    many = _read("limit", keys.read_limit, default, errors, raw)
    if errors:
        raise Invalid(errors)
    return many


def _read(
    name: str,
    read: Callable[[str], T],
    default: T,
    errors: dict[str, list[str]],
    given: str | None = None,
) -> T:
    """Give a parameter that was *given* or is the query's; *default* if it is absent, or wrong and now among the *errors*."""
    raw = request.args.get(name) if given is None else given
    try:
        return default if raw is None else read(raw)
    except ValueError as wrong:
        errors[name] = [str(wrong)]
        return default


def body() -> bytes:
    """The body of the request.

    :raises TooLarge: it is larger than any comment can be.
    """
    if request.environ.get(TOO_LARGE_KEY):
        raise TooLarge(TOO_LARGE)
    return request.get_data()


def json_object() -> dict[str, Any]:
    """The body as one JSON object.

    :raises UnsupportedMedia, Malformed: it is none.
    """
    raw = body()
    if request.mimetype != "application/json":
        raise UnsupportedMedia("Send JSON, with Content-Type: application/json.")
    try:
        decoded = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as why:
        reason = "it is nested too deep" if isinstance(why, RecursionError) else str(why)
        raise Malformed(f"The body is not JSON in UTF-8: {reason}.") from None
    if not isinstance(decoded, dict):
        raise Malformed('The body must be one JSON object, such as {"text": "…"}.')
    return decoded


def text_fields(decoded: dict[str, Any], names: Iterable[str]) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Give the named fields that are text, and an error for each that is not (null counts as absent)."""
    fields = {name: decoded[name] for name in names if decoded.get(name) is not None}
    sent = {name: value for name, value in fields.items() if isinstance(value, str)}
    wrong: dict[str, list[str]] = {
        name: [message("This must be text.")] for name in fields.keys() - sent.keys()
    }
    return sent, wrong


def bearer() -> str | None:
    """The capability in the `Authorization` header (RFC 6750 §2.1), if there is one."""
    kind, _, key = request.headers.get("Authorization", "").partition(" ")
    return key.strip() if kind.lower() == "bearer" and key.strip() else None


def edit_key() -> str:
    """The edit key in the `Authorization` header.

    :raises NotAuthenticated: there is none.
    """
    key = bearer()
    if key is None:
        raise NotAuthenticated("Send the edit key of the comment: Authorization: Bearer EDIT_KEY")
    return key


def json_as(shape: Any) -> Any:
    """The JSON object of the request, as *shape* has it.

    :raises Invalid: it has another shape; the error tells where.
    """
    try:
        return msgspec.convert(json_object(), shape)
    except msgspec.ValidationError as why:
        said, _, place = str(why).partition(" - at `$")
        field, _, within = place.strip(".`").partition(".")
        field = field.partition("[")[0] or "body"
        raise Invalid({field: [f"{within}: {said}." if within else f"{said}."]}) from None
