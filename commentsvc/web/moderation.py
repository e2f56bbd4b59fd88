"""What moderators ask for, by the API and at the desk."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
from flask import request
from werkzeug.datastructures import MultiDict

from commentsvc.actions.moderate import QueueRequest
from commentsvc.actions.sites import site_of
from commentsvc.errors import Invalid
from commentsvc.intake.articles import read_article
from commentsvc.messages import message
from commentsvc.model import Order, Site, State
from commentsvc.unicode_text import has_surrogate
from commentsvc.web import context, parameters

LONGEST_SEARCH = 320  # characters, as an e-mail address may have


def queue_request(asked: MultiDict[str, str], default_state: State | None = None) -> QueueRequest:
    """Which comments are asked for: of all states, unless *asked* or *default_state* names one.

    :raises Invalid: a parameter cannot be read.
    """
    states = asked.getlist("state") or ([default_state] if default_state else [])
    if any(state not in set(State) for state in states):
        raise Invalid({"state": [message("A state is one of %(states)s.", states=", ".join(State))]})
    for name in ("q", "email", "network"):
        if len(asked.get(name, "")) > LONGEST_SEARCH:
            raise Invalid({name: [message("A search has at most %(most)s characters.", most=LONGEST_SEARCH)]})
    return QueueRequest(
        states=tuple(map(State, states)),
        site=site_if_named(asked),
        article=article_of(asked["article"]) if asked.get("article") else None,
        words=asked.get("q") or None,
        email=asked.get("email") or None,
        email_of=asked.get("email_of") or None,
        network=asked.get("network") or None,
        author=asked.get("author") or None,
        check=asked.get("check") or None,
        reported=_flag(asked, "reported"),
        links=_flag(asked, "links"),
        since=_moment(asked, "since"),
        until=_moment(asked, "until"),
        order=_order(asked),
        limit=parameters.limit(50, asked.get("limit", "50")),
        cursor=asked.get("cursor") or None,
    )


def fields_of(sent: dict[str, Any]) -> MultiDict[str, str]:
    """The fields of a JSON object as a query has them.

    :raises Invalid: one is neither text nor a number, nor a list of texts.
    """
    asked: MultiDict[str, str] = MultiDict()
    for name, value in sent.items():
        values = value if isinstance(value, list) else [] if value is None else [value]
        if not all(isinstance(one, str | int) and not has_surrogate(str(one)) for one in values):
            raise Invalid({name: ["This must be text, a number or a list of texts."]})
        asked.setlist(name, [str(int(one)) if isinstance(one, bool) else str(one) for one in values])
    return asked


def _flag(asked: MultiDict[str, str], name: str) -> bool:
    match asked.get(name) or "0":
        case "0":
            return False
        case "1":
            return True
    raise Invalid({name: [message("This is 1, or left out.")]})


def _moment(asked: MultiDict[str, str], name: str) -> datetime | None:
    raw = asked.get(name)
    if not raw:
        return None
    try:
        # A plus sign that was not escaped comes as a space.
        moment = msgspec.convert(raw.replace(" ", "+"), datetime)
        in_utc = moment.astimezone(UTC) if moment.tzinfo else None
    except (msgspec.ValidationError, OverflowError):  # the calendar ends with the year 9999, in UTC too
        in_utc = None
    if in_utc is None:
        raise Invalid(
            {name: [message("This must be a time with its zone, such as 2026-11-27T09:00:00Z (RFC 3339).")]}
        )
    return in_utc


def _order(asked: MultiDict[str, str]) -> Order:
    try:
        return Order(asked.get("order") or Order.OLDEST)
    except ValueError:
        raise Invalid({"order": [message("The order is oldest or newest.")]}) from None


def article_of(raw: str, name: str = "article") -> str:
    """An article ID, in the field of that *name*.

    :raises Invalid: it is none.
    """
    try:
        return read_article(raw)
    except ValueError as wrong:
        raise Invalid({name: [str(wrong)]}) from None


def site_if_named(asked: MultiDict[str, str] | None = None) -> Site | None:
    """The site that *asked* names, or else the query; None if it names none.

    :raises NotFound: there is no such site.
    """
    slug = (request.args if asked is None else asked).get("site")
    return site_of(context.service(), context.reading(), slug) if slug else None


def days_if_named() -> int:
    """Of how many days the query asks for figures, 30 unless it says.

    :raises Invalid: it says no number.
    """
    raw = request.args.get("days") or "30"
    if not (raw.isascii() and raw.isdigit() and len(raw) < 9):
        raise Invalid({"days": [message("This is a number of days.")]})
    return int(raw)
