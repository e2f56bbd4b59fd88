"""What a moderator changes of a thread."""

from __future__ import annotations

from flask import Response
from msgspec import UNSET, Struct, UnsetType

from commentsvc.actions import moderate
from commentsvc.actions.sites import site_of
from commentsvc.model import ThreadFacts
from commentsvc.web import auth, context, parameters
from commentsvc.web.api.moderation.blueprint import moderating
from commentsvc.web.descriptions import MODERATION, described
from commentsvc.web.moderation import article_of
from commentsvc.web.schemas import (
    private_json,
)


class ThreadRequest(Struct):
    """What a moderator changes of a thread; what is left out stays."""

    article: str
    site: str | None = None
    open: bool | UnsetType = UNSET
    title: str | UnsetType | None = UNSET
    url: str | UnsetType | None = UNSET
    close_after_days: int | UnsetType | None = UNSET
    slow_mode_seconds: int | UnsetType | None = UNSET


@moderating.patch("/thread")
@described(
    answers={200: ThreadFacts},
    request=ThreadRequest,
    refusals=(400, 403, 404, 415, 422, 429),
    **MODERATION,
)
def change_thread() -> Response:
    """Open or close a thread, set its title and address, after how many days it closes, or slow mode."""
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
    return private_json(moderate.change_thread(context.service_to_write(), moderator, site, article, changes))
