"""What a moderator changes of a thread."""

from __future__ import annotations

from flask import Response
from msgspec import UNSET, Struct, UnsetType

from commentsvc.actions import moderate
from commentsvc.actions.sites import site_of
from commentsvc.jobs import queue
from commentsvc.jobs.merge import MERGE
from commentsvc.model import ThreadFacts
from commentsvc.web import auth, context, parameters
from commentsvc.web.api.moderation.blueprint import moderating
from commentsvc.web.descriptions import MODERATION, described
from commentsvc.web.moderation import article_of
from commentsvc.web.schemas import JobUnderWay, private_json


class ThreadRequest(Struct):
    """What a moderator changes of a thread; what is left out stays."""

    article: str
    site: str | None = None
    open: bool | UnsetType = UNSET
    title: str | UnsetType | None = UNSET
    url: str | UnsetType | None = UNSET
    close_after_days: int | UnsetType | None = UNSET
    slow_mode_seconds: int | UnsetType | None = UNSET
    rename_to: str | UnsetType = UNSET
    merge: bool = False


@moderating.patch("/thread")
@described(
    answers={200: ThreadFacts, 202: JobUnderWay},
    request=ThreadRequest,
    refusals=(400, 403, 404, 409, 415, 422, 429),
    **MODERATION,
)
def change_thread() -> Response:
    """Open or close a thread, set its title and address, after how many days it closes, or slow mode.

    With `rename_to` it gets another article ID, and keeps the one that it has as another name; with `merge` it becomes
    one with the thread that has that ID, by a job (202) where they are long.
    """
    moderator = auth.of_request()
    body = parameters.json_as(ThreadRequest)
    service = context.service()
    article = article_of(body.article)
    named = {
        "open": body.open,
        "title": body.title,
        "url": body.url,
        "close_after_days": body.close_after_days,
        "slow_mode_seconds": body.slow_mode_seconds,
    }
    changes = {name: value for name, value in named.items() if value is not UNSET}
    site = site_of(service, context.reading(), body.site)
    rename_to = None if body.rename_to is UNSET else article_of(body.rename_to, "rename_to")
    done = moderate.change_thread(
        context.service_to_write(), moderator, site, article, changes, rename_to, may_merge=body.merge
    )
    if isinstance(done, ThreadFacts):
        return private_json(done)
    job, _ = queue.start(context.service_to_write(), MERGE, MERGE.asked_for(done))
    return private_json(JobUnderWay.of(job, done.size), 202)
