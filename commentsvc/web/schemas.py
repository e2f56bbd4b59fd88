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
    Job,
    JobState,
    ListedMessage,
    ModeratedComment,
    NotUndone,
    Objection,
    Person,
    Posted,
    PublicComment,
    Report,
    Rule,
    SignedInSession,
    State,
    Undone,
    Versioned,
    Webhook,
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
    reported: int


class JobProgress(Struct):
    """A job, and how far it is; `total` is null where it would take long to count."""

    id: str
    state: JobState
    total: int | None
    done: int


class JobUnderWay(Struct):
    """Long work that goes on by itself."""

    job: JobProgress

    @classmethod
    def of(cls, job: Job, total: int | None = None) -> JobUnderWay:
        """How far *job* is; *total* is how much there is to do, where nobody counted yet."""
        return cls(JobProgress(job.public_id, job.state, total if job.total is None else job.total, job.done))


class Received(Struct):
    """A report or an objection was taken; of the comment this tells nothing."""

    received: bool = True


class ReasonsAnswer(Struct):
    """The statement of reasons for a decision against one's own comment (Regulation (EU) 2022/2065, Article 17 (3)).

    `scope`, `facts`, `ground` and `how_to_object` are texts in the language of the answer.
    """

    decided_at: datetime
    action: str
    scope: str
    facts: str
    automated: bool
    ground: str
    how_to_object: str
    objection: Objection | None
    can_object: bool


class Reports(Struct):
    """A page of what readers reported of a comment, oldest first, and all that its author said against decisions."""

    reports: list[Report]
    objections: list[Objection]
    next: str | None


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


class Webhooks(Struct):
    """All webhooks, the oldest first; there is one page."""

    webhooks: list[Webhook]
    next: str | None


class OutboxPage(Struct):
    """A page of the messages in the outbox, newest first."""

    messages: list[ListedMessage]
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
    """*answer* as JSON for this request alone; programs read the messages in it in English, as they are written."""
    return uncacheable(
        Response(msgspec.json.encode(answer, enc_hook=str.__str__), status=status, content_type=JSON)
    )


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
