"""Decisions about comments, their undoing, and their log."""

from __future__ import annotations

from typing import Annotated

import msgspec
from flask import Response, request
from msgspec import UNSET, Meta, Struct, UnsetType

from commentsvc.actions import bulk_decide, moderate
from commentsvc.actions import decide as deciding
from commentsvc.actions.decide import LONGEST_REASON, MAX_DECIDED, ManyOfAuthor
from commentsvc.actions.undo import undo
from commentsvc.errors import Invalid
from commentsvc.jobs import queue
from commentsvc.jobs.decide import DECIDE
from commentsvc.model import Action, Job, Moderator, Seen, State
from commentsvc.moderation.named_requests import AnsweredByJob, Named, SentAtOnce, remember_job
from commentsvc.storage.unit_of_work import UnitOfWork
from commentsvc.web import auth, context, parameters
from commentsvc.web.api.moderation.blueprint import moderating
from commentsvc.web.descriptions import ANY_SITE, CURSOR, LIMIT, MODERATION, described, query
from commentsvc.web.moderation import site_if_named
from commentsvc.web.schemas import (
    AuditLog,
    DecisionsAnswer,
    JobUnderWay,
    UndoAnswer,
    private_json,
)


class SeenComment(Struct):
    """A comment as it was read; where it has changed since, it is a conflict and is not decided about."""

    id: str
    revision: int | None = None
    state: State | None = None


class DecisionRequest(Struct):
    """One decision: on up to 200 comments (`ids`), or on all of an author (`author`; of more than 1,000 by a job, 202)."""

    action: Action
    ids: Annotated[list[str | SeenComment], Meta(min_length=1, max_length=MAX_DECIDED)] | UnsetType = UNSET
    author: str | UnsetType = UNSET
    reason: Annotated[str, Meta(max_length=LONGEST_REASON)] | None = None
    decision_id: Annotated[str, Meta(min_length=1, max_length=64)] | None = None


class UndoRequest(Struct):
    """Decisions to undo, by their ids."""

    decisions: Annotated[list[str], Meta(min_length=1, max_length=MAX_DECIDED)]


@moderating.post("/decisions")
@described(
    answers={200: DecisionsAnswer, 202: JobUnderWay},
    request=DecisionRequest,
    refusals=(400, 403, 415, 422, 429),
    **MODERATION,
)
def decide() -> Response:
    """Carry out a decision."""
    moderator = auth.of_request()
    body = parameters.json_as(DecisionRequest)
    if (body.ids is UNSET) is (body.author is UNSET):
        raise Invalid({"body": ["Name either the ids, or the author whose comments are all meant."]})
    named = None
    if body.decision_id is not None:
        named = Named(body.decision_id, msgspec.json.encode(body))
    if body.ids is UNSET:
        return _decide_author(moderator, body.author, body, named)
    seen = [Seen(one) if isinstance(one, str) else Seen(one.id, one.revision, one.state) for one in body.ids]
    done = deciding.decide(context.service_to_write(), moderator, seen, body.action, body.reason, named)
    says_what_was_seen = any(isinstance(one, SeenComment) for one in body.ids)
    return private_json(
        DecisionsAnswer(done.decided, done.missing, done.conflicts if says_what_was_seen else UNSET)
    )


def _decide_author(moderator: Moderator, author: str, body: DecisionRequest, named: Named | None) -> Response:
    service = context.service_to_write()
    try:
        done = deciding.decide_author(service, moderator, author, body.action, body.reason, named)
    except AnsweredByJob as earlier:
        work = context.reading()
        job = bulk_decide.visible(work, moderator, work.jobs.find(earlier.job))
        return private_json(JobUnderWay.of(job), 202)
    except ManyOfAuthor:
        try:
            return _start_for_author(moderator, author, body, named)
        except SentAtOnce:
            return _decide_author(moderator, author, body, named)
    return private_json(DecisionsAnswer(done.decided, done.missing))


def _start_for_author(
    moderator: Moderator, author: str, body: DecisionRequest, named: Named | None
) -> Response:
    asked = bulk_decide.ask_about_author(context.reading(), moderator, author, body.action, body.reason)
    service = context.service_to_write()

    def remembered(work: UnitOfWork, job: Job) -> None:
        if named is not None:
            remember_job(service, work, moderator, named, job.public_id)

    job, _ = queue.start(service, DECIDE, asked.as_arguments(), remembered)
    return private_json(JobUnderWay.of(job, asked.total), 202)


@moderating.post("/decisions/undo")
@described(
    answers={200: UndoAnswer},
    request=UndoRequest,
    refusals=(400, 403, 415, 422, 429),
    **MODERATION,
)
def undo_decisions() -> Response:
    """Undo decisions: each comment is in the state of before, unless a later decision stands."""
    moderator = auth.of_request()
    done = undo(context.service_to_write(), moderator, parameters.json_as(UndoRequest).decisions)
    return private_json(UndoAnswer(done.undone, done.refused))


@moderating.get("/decisions")
@described(
    answers={200: AuditLog},
    parameters=[ANY_SITE, query("comment", {"type": "string"}, "Of one comment alone."), LIMIT, CURSOR],
    refusals=(403, 404, 422, 429),
    **MODERATION,
)
def audit_log() -> Response:
    """A page of the audit log."""
    moderator = auth.of_request()
    page, next_cursor = moderate.audit_log(
        context.service(),
        context.reading(),
        moderator,
        site_if_named(),
        request.args.get("comment"),
        parameters.limit(50),
        request.args.get("cursor"),
    )
    return private_json(AuditLog(page, next_cursor))
