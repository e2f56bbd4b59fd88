"""Webhooks: set, tried, changed and removed by admins."""

from __future__ import annotations

from flask import Response
from msgspec import Struct

from commentsvc.model import HookDelivery, HookEvent, Webhook
from commentsvc.notifications.webhooks import hooks
from commentsvc.notifications.webhooks.hooks import WebhookChange
from commentsvc.web import auth, context, parameters
from commentsvc.web.api.moderation.blueprint import moderating
from commentsvc.web.descriptions import MODERATION, described
from commentsvc.web.responses import uncacheable
from commentsvc.web.schemas import Webhooks, private_json


class WebhookRequest(Struct):
    """A webhook to set; without a site it is told of all. `private`: it sees what moderators see, but no addresses."""

    url: str
    events: list[HookEvent]
    site: str | None = None
    private: bool = False


@moderating.get("/webhooks")
@described(answers={200: Webhooks}, refusals=(403, 429), **MODERATION)
def list_webhooks() -> Response:
    """All webhooks with their last deliveries, the oldest first; admins of all sites."""
    moderator = auth.of_request()
    return private_json(Webhooks(hooks.list_webhooks(context.reading(), moderator), None))


@moderating.get("/webhooks/<hook>")
@described(answers={200: Webhook}, refusals=(403, 404, 429), **MODERATION)
def read_webhook(hook: str) -> Response:
    """One webhook with its last deliveries; admins of all sites."""
    moderator = auth.of_request()
    return private_json(hooks.read_webhook(context.reading(), hook, moderator))


@moderating.post("/webhooks")
@described(
    answers={201: Webhook}, request=WebhookRequest, refusals=(400, 403, 404, 415, 422, 429), **MODERATION
)
def add_webhook() -> Response:
    """Set a webhook; `secret` is shown this once. Admins of all sites."""
    moderator = auth.of_request()
    body = parameters.json_as(WebhookRequest)
    hook = hooks.add_webhook(
        context.service_to_write(),
        body.url,
        body.events,
        body.site,
        private=body.private,
        moderator=moderator,
    )
    return private_json(hook, 201)


@moderating.patch("/webhooks/<hook>")
@described(
    answers={200: Webhook}, request=WebhookChange, refusals=(400, 403, 404, 415, 422, 429), **MODERATION
)
def change_webhook(hook: str) -> Response:
    """Change a webhook, start it again, or give it a new `secret`, which is shown this once. Admins of all sites."""
    moderator = auth.of_request()
    change = parameters.json_as(WebhookChange)
    return private_json(hooks.change_webhook(context.service_to_write(), hook, change, moderator))


@moderating.delete("/webhooks/<hook>")
@described(answers={204: None}, refusals=(403, 404, 429), **MODERATION)
def remove_webhook(hook: str) -> Response:
    """Remove a webhook; what waits for it is never sent. Admins of all sites."""
    moderator = auth.of_request()
    hooks.remove_webhook(context.service_to_write(), hook, moderator)
    return uncacheable(Response(status=204))


@moderating.post("/webhooks/<hook>/test")
@described(answers={200: HookDelivery}, refusals=(403, 404, 429), **MODERATION)
def try_webhook(hook: str) -> Response:
    """Send a `webhook.test` now, and say how that ended. Admins of all sites."""
    moderator = auth.of_request()
    return private_json(hooks.try_webhook(context.service_to_write(), hook, moderator))
