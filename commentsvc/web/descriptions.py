"""What the OpenAPI document says of a route, to be written beside it: `@described(…)`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from commentsvc.actions.read import DEFAULT_PAGE, MAX_PAGE
from commentsvc.intake.articles import LONGEST as LONGEST_ARTICLE
from commentsvc.intake.articles import MAX_ARTICLES
from commentsvc.model import Order

Schema = dict[str, Any]
View = TypeVar("View", bound=Callable[..., Any])


def query(name: str, schema: Schema, says: str, *, required: bool = False) -> Schema:
    """A parameter of the query."""
    return {"name": name, "in": "query", "required": required, "description": says, "schema": schema}


ARTICLE = query(
    "article",
    {"type": "string", "minLength": 1, "maxLength": LONGEST_ARTICLE},
    "The article's ID.",
    required=True,
)
ARTICLES = ARTICLE | {
    "schema": {"type": "array", "items": ARTICLE["schema"], "minItems": 1, "maxItems": MAX_ARTICLES}
}
SITE = query("site", {"type": "string", "default": "default"}, "The site's slug.")
CURSOR = query("cursor", {"type": "string"}, "`next` of the page before.")
PAGE = [
    query("order", {"enum": list(Order), "default": Order.OLDEST}, "The order of the roots."),
    query(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": DEFAULT_PAGE},
        "Comments a page.",
    ),
    CURSOR,
    query("comment", {"type": "string"}, "Give the page on which this comment stands."),
]
PLACE = PAGE[:-1]  # to which page of the thread a form leads back
LANG = query(
    "lang",
    {"type": "string"},
    "The language of the words (RFC 5646); English where it is none that is spoken.",
)
OWN = query("comment", {"type": "string"}, "The comment's id.", required=True)
LIMIT = query("limit", {"type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": 50}, "How many.")
ANY_SITE = SITE | {"schema": {"type": "string"}, "description": "One site alone."}


OWN_RECEIPT = query(
    "own", {"type": "string"}, "From the redirect after a post: show its author the private link."
)
TOLD = [
    query("held", {"const": "1"}, "From the redirect after a post: say that it waits."),
    query("deleted", {"const": "1"}, "From the redirect after a deletion: say so."),
]


@dataclass(frozen=True)
class Description:
    """What the document says of a route besides its docstring.

    `answers` maps a status to a type, to a content type, or to None for no body.
    """

    tag: str
    answers: Mapping[int, Any]
    parameters: Sequence[Schema] = ()
    request: Any = None
    refusals: Sequence[int] = ()
    security: Sequence[str] = ()


_descriptions: dict[Callable[..., Any], Description] = {}


def described(
    tag: str,
    answers: Mapping[int, Any],
    parameters: Sequence[Schema] = (),
    *,
    request: Any = None,
    refusals: Sequence[int] = (),
    security: Sequence[str] = (),
) -> Callable[[View], View]:
    """Describe a route, below the line that gives its path; see `Description`."""

    def describe(view: View) -> View:
        _descriptions[view] = Description(tag, answers, parameters, request, refusals, security)
        return view

    return describe


def description_of(view: Callable[..., Any]) -> Description | None:
    """What is said of that route; None where nothing is."""
    return _descriptions.get(view)


def all_descriptions() -> list[Description]:
    """What is said of all the routes that were loaded."""
    return list(_descriptions.values())


EDIT: dict[str, Any] = {"refusals": (403, 404, 415, 422, 429, 503), "security": ("editKey",)}
MODERATION: dict[str, Any] = {"tag": "Moderating", "security": ("apiToken", "session")}
