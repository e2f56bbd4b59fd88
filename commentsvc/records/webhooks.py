"""Webhooks, as they are stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from commentsvc.model import HookEvent


@dataclass(frozen=True, slots=True)
class NewWebhook:
    """A webhook to store; without a site it is for all."""

    public_id: str
    site_id: int | None
    url: str
    events: Sequence[HookEvent]
    private: bool


@dataclass(frozen=True, slots=True)
class StoredWebhook:
    """A webhook's row; `failing_since` is when its first failure was that no success followed."""

    id: int
    public_id: str
    site_id: int | None
    site: str | None
    url: str
    events: frozenset[HookEvent]
    private: bool
    created_at: datetime
    failing_since: datetime | None
    disabled_at: datetime | None
    why: str | None
