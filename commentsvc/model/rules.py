"""Rules that moderators set: when they catch a comment, and what then happens to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from commentsvc.model.moderation import ModeratedComment
from commentsvc.model.terms import BlockAction, CheckMode, State

_Values = Annotated[tuple[str, ...], Meta(min_length=1, max_length=200)]
_Number = Annotated[int, Meta(ge=1, le=100_000)]


class When(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The conditions of a rule: all that are given must hold, each list by one of its values.

    `pattern` is RE2's (https://github.com/google/re2/wiki/Syntax), `scripts` are ISO 15924 codes,
    `hours` are UTC: from the first one up to the second.
    """

    words: _Values | None = None
    pattern: str | None = None
    links_at_least: _Number | None = None
    domains: _Values | None = None
    networks: _Values | None = None
    emails: _Values | None = None
    email_domains: _Values | None = None
    names: _Values | None = None
    authors: _Values | None = None
    first_comment: bool = False
    scripts: _Values | None = None
    hours: str | None = None
    thread_older_than_days: _Number | None = None


class Rule(Struct, frozen=True):
    """A rule; `site` is the slug of the one site it is for, or None for all."""

    id: str
    site: str | None
    name: str
    when: When
    outcome: BlockAction
    mode: CheckMode
    until: datetime | None
    note: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Trial:
    """What a rule would have caught of the last comments; `wrongly` are those a person approved."""

    looked_at: int
    caught: int
    by_state: dict[State, int]
    wrongly: list[ModeratedComment]
