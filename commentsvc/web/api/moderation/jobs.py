"""Decisions about whole searches, which jobs carry out; and how far such a job is."""

from __future__ import annotations

from typing import Annotated

import msgspec
from flask import Response
from msgspec import Meta, Struct

from commentsvc.access.permissions import require
from commentsvc.actions import bulk_decide
from commentsvc.actions.decide import LONGEST_REASON
from commentsvc.jobs import queue
from commentsvc.jobs.decide import DECIDE
from commentsvc.model import Action, Permission
from commentsvc.web import auth, context, parameters
from commentsvc.web.api.moderation.blueprint import moderating
from commentsvc.web.api.moderation.comments import CommentFilter
from commentsvc.web.descriptions import MODERATION, described
from commentsvc.web.moderation import fields_of, queue_request
from commentsvc.web.responses import uncacheable
from commentsvc.web.schemas import JobUnderWay, private_json


class JobFilter(CommentFilter, forbid_unknown_fields=True):
    """Which comments are meant; a field that is not known here would mean more of them than was thought."""


class JobRequest(Struct):
    """A decision about all comments that match; those that come later are not meant."""

    action: Action
    filter: JobFilter
    reason: Annotated[str, Meta(max_length=LONGEST_REASON)] | None = None


@moderating.post("/jobs")
@described(
    answers={202: JobUnderWay},
    request=JobRequest,
    refusals=(400, 403, 404, 415, 422, 429),
    **MODERATION,
)
def start_job() -> Response:
    """Decide about all comments that match, by a job."""
    moderator = auth.of_request()
    body = parameters.json_as(JobRequest)
    wanted = queue_request(fields_of(msgspec.to_builtins(body.filter)))
    service, work = context.service(), context.reading()
    asked = bulk_decide.ask(service, work, moderator, wanted, body.action, body.reason)
    job, _ = queue.start(context.service_to_write(), DECIDE, asked.as_arguments())
    return private_json(JobUnderWay.of(job, asked.total), 202)


@moderating.get("/jobs/<job>")
@described(answers={200: JobUnderWay}, refusals=(403, 404, 429), **MODERATION)
def show_job(job: str) -> Response:
    """How far a job is."""
    moderator = auth.of_request()
    work = context.reading()
    return private_json(JobUnderWay.of(bulk_decide.visible(work, moderator, work.jobs.find(job))))


@moderating.delete("/jobs/<job>")
@described(answers={204: None}, refusals=(403, 404, 429), **MODERATION)
def cancel_job(job: str) -> Response:
    """Cancel a job; what it did stays, and can be undone."""
    moderator = auth.of_request()
    work = context.reading()
    require(moderator, Permission.DECIDE)
    found = bulk_decide.visible(work, moderator, work.jobs.find(job))
    queue.cancel(context.service_to_write(), found.public_id)
    return uncacheable(Response(status=204))
