"""Webhooks: who is told by HTTP of what happens."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import UNSET, Struct, UnsetType


class HookEvent(StrEnum):
    """What a webhook may ask for: the `type` of what is sent."""

    POSTED = "comment.posted"
    APPROVED = "comment.approved"
    EDITED = "comment.edited"
    REMOVED = "comment.removed"
    REPORTED = "comment.reported"


class HookDelivery(Struct, frozen=True):
    """A try to send: `id` is the `webhook-id`, the same at each try; `status` is None where no answer came.

    `error` is a kind and a number, and quotes nobody; None where the receiver took it.
    """

    id: str
    type: str
    at: datetime
    status: int | None
    error: str | None


class Webhook(Struct, frozen=True):
    """A webhook; without a site it is told of all. `private` ones are told of what waits too, as moderators see it.

    `deliveries` are the last tries, newest first. Where `disabled_at` is set nothing is sent, and `why` says so.
    `secret` is shown when it was made, and never again.
    """

    id: str
    url: str
    events: list[HookEvent]
    site: str | None
    private: bool
    created_at: datetime
    disabled_at: datetime | None
    why: str | None
    deliveries: list[HookDelivery]
    secret: str | UnsetType = UNSET
