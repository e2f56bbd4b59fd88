"""Answers as JSON, and the shapes of those that the model has no type for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from flask import Response
from msgspec import UNSET, Struct, UnsetType

from commentsvc.model import (
    ApiToken,
    AuditEntry,
    Block,
    Conflict,
    Decided,
    Decision,
    ModeratedComment,
    NotUndone,
    Person,
    Posted,
    PublicComment,
    Rule,
    SignedInSession,
    State,
    Undone,
    Versioned,
)
from commentsvc.web.responses import cacheable, uncacheable

JSON = "application/json"


class PostedAnswer(Struct, omit_defaults=True):
    """The answer to a posting; `state` stands there only while the comment waits."""

    comment: PublicComment
    edit_key: str
    edit_until: datetime
    author_key: str
    state: State | UnsetType = UNSET


class EditedAnswer(Struct, omit_defaults=True):
    """The answer to an edit; `state` stands there only where the comment waits again."""

    comment: PublicComment
    state: State | UnsetType = UNSET


class Counts(Struct):
    """Public comments of each article that was asked for."""

    counts: dict[str, int]


class FormAnswer(Struct):
    """A fresh form token, and when it is good: not before `min_seconds`, not after `expires_in`."""

    token: str
    min_seconds: int
    expires_in: int
    challenge: None = None


class Preview(Struct):
    """The HTML that a text would be shown as."""

    html: str


class Queue(Struct):
    """A page of comments as their moderators see them."""

    comments: list[ModeratedComment]
    next: str | None


class DecisionsAnswer(Struct, omit_defaults=True):
    """What a decision changed, and which ids there are not (or not for this moderator).

    `conflicts` stands there where the request said how a comment was seen.
    """

    decided: list[Decided]
    missing: list[str]
    conflicts: list[Conflict] | UnsetType = UNSET


class UndoAnswer(Struct):
    """What was undone, and what was not with the reason."""

    undone: list[Undone]
    refused: list[NotUndone]


class StateCounts(Struct):
    """Exactly how many comments are in each state, of the sites that were asked for."""

    pending: int
    approved: int
    spam: int
    trash: int


class AuditLog(Struct):
    """A page of the decisions in the audit log, newest first."""

    decisions: list[Decision]
    next: str | None


class AuditTrail(Struct):
    """A page of the audit log, newest first."""

    entries: list[AuditEntry]
    next: str | None


class Sessions(Struct):
    """One's own sessions, the one used last first; there is one page."""

    sessions: list[SignedInSession]
    next: str | None


class People(Struct):
    """All people, by address; there is one page."""

    people: list[Person]
    next: str | None


class Tokens(Struct):
    """All API tokens, the oldest first; there is one page."""

    tokens: list[ApiToken]
    next: str | None


class Blocks(Struct):
    """The blocks that this moderator may see."""

    blocks: list[Block]


class Rules(Struct):
    """A page of the rules that this moderator may see, oldest first."""

    rules: list[Rule]
    next: str | None


class ProblemAnswer(Struct):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    errors: dict[str, list[str]] | UnsetType = UNSET


def public_json(read: Versioned[Any]) -> Response:
    """What was read, as cacheable JSON."""
    return cacheable(read, msgspec.json.encode(read.value), JSON)


def private_json(answer: Any, status: int = 200) -> Response:
    """*answer* as JSON for this request alone."""
    return uncacheable(Response(msgspec.json.encode(answer), status=status, content_type=JSON))


def posted_json(posted: Posted) -> Response:
    """201 where the comment is public, 202 where it waits; 200 where it was sent before."""
    waits = posted.state is not State.APPROVED
    answer = PostedAnswer(
        posted.comment,
        posted.edit_key,
        posted.edit_until,
        posted.author_key,
        State.PENDING if waits else UNSET,
    )
    return private_json(answer, 200 if posted.repeated else 202 if waits else 201)
