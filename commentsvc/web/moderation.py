"""What moderators ask for, by the API and at the desk."""

from __future__ import annotations

from flask import request
from werkzeug.datastructures import MultiDict

from commentsvc.actions.moderate import QueueRequest
from commentsvc.actions.sites import site_of
from commentsvc.errors import Invalid
from commentsvc.intake.articles import read_article
from commentsvc.model import Site, State
from commentsvc.web import context, parameters

LONGEST_SEARCH = 320  # characters, as an e-mail address may have


def queue_request(asked: MultiDict[str, str], default_state: State | None = None) -> QueueRequest:
    """Which comments are asked for: of all states, unless *asked* or *default_state* names one.

    :raises Invalid: a parameter cannot be read.
    """
    states = asked.getlist("state") or ([default_state] if default_state else [])
    if any(state not in set(State) for state in states):
        raise Invalid({"state": ["A state is one of " + ", ".join(State) + "."]})
    for name in ("q", "email"):
        if len(asked.get(name, "")) > LONGEST_SEARCH:
            raise Invalid({name: [f"A search has at most {LONGEST_SEARCH} characters."]})
    return QueueRequest(
        states=tuple(map(State, states)),
        site=site_if_named(asked),
        article=article_of(asked["article"]) if asked.get("article") else None,
        words=asked.get("q") or None,
        email=asked.get("email") or None,
        email_of=asked.get("email_of") or None,
        limit=parameters.limit(50, asked.get("limit", "50")),
        cursor=asked.get("cursor") or None,
    )


def article_of(raw: str) -> str:
    """An article ID.

    :raises Invalid: it is none.
    """
    try:
        return read_article(raw)
    except ValueError as wrong:
        raise Invalid({"article": [str(wrong)]}) from None


def site_if_named(asked: MultiDict[str, str] | None = None) -> Site | None:
    """The site that *asked* names, or else the query; None if it names none.

    :raises NotFound: there is no such site.
    """
    slug = (request.args if asked is None else asked).get("site")
    return site_of(context.service(), context.reading(), slug) if slug else None
