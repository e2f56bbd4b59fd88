"""Webhooks, their secrets, and the log of what was sent to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, delete, func, or_, select, update

from commentsvc.model import HookDelivery, HookEvent
from commentsvc.records import NewWebhook, StoredWebhook
from commentsvc.storage.repository import Repository
from commentsvc.storage.tables import SiteRow, WebhookDeliveryRow, WebhookRow, WebhookSecretRow

MOST_DELIVERIES = 20  # that are kept of each webhook

_HOOKS: Select[*tuple[Any, ...]] = (
    select(
        WebhookRow.id,
        WebhookRow.public_id,
        WebhookRow.site_id,
        SiteRow.slug,
        WebhookRow.url,
        WebhookRow.events,
        WebhookRow.private,
        WebhookRow.created_at,
        WebhookRow.failing_since,
        WebhookRow.disabled_at,
        WebhookRow.why,
    )
    .outerjoin(SiteRow, WebhookRow.site_id == SiteRow.id)
    .order_by(WebhookRow.id)
)
_OF_ID = _HOOKS.where(WebhookRow.public_id == bindparam("hook"))
_ACTIVE = _HOOKS.where(
    WebhookRow.disabled_at.is_(None),
    or_(WebhookRow.site_id == bindparam("site"), WebhookRow.site_id.is_(None)),
)
_SECRETS = (
    select(WebhookSecretRow.sealed)
    .where(
        WebhookSecretRow.webhook_id == bindparam("hook"),
        or_(WebhookSecretRow.ends_at.is_(None), WebhookSecretRow.ends_at > bindparam("now")),
    )
    .order_by(WebhookSecretRow.id.desc())
)
_DELIVERIES = (
    select(
        WebhookDeliveryRow.message,
        WebhookDeliveryRow.type,
        WebhookDeliveryRow.at,
        WebhookDeliveryRow.status,
        WebhookDeliveryRow.error,
    )
    .where(WebhookDeliveryRow.webhook_id == bindparam("hook"))
    .order_by(WebhookDeliveryRow.id.desc())
    .limit(MOST_DELIVERIES)
)


class Webhooks(Repository):
    """Webhooks."""

    def add(self, hook: NewWebhook, now: datetime) -> int:
        """Store *hook*; give its row number."""
        self._insert(
            WebhookRow,
            public_id=hook.public_id,
            site_id=hook.site_id,
            url=hook.url,
            events=list(hook.events),
            private=hook.private,
            created_at=now,
        )
        ((row_id,),) = self._rows(select(WebhookRow.id).where(WebhookRow.public_id == hook.public_id))
        return int(row_id)

    def all_hooks(self) -> list[StoredWebhook]:
        """All webhooks, the oldest first."""
        return [_hook(row) for row in self._rows(_HOOKS)]

    def active(self, site_id: int) -> list[StoredWebhook]:
        """Those that are told of what happens on that site."""
        return [_hook(row) for row in self._rows(_ACTIVE, site=site_id)]

    def find(self, public_id: str) -> StoredWebhook | None:
        """The webhook of that id, if there is one."""
        row = self._first(_OF_ID, hook=public_id)
        return None if row is None else _hook(row)

    def count(self) -> int:
        """How many there are."""
        return int(self._connection.scalar(select(func.count()).select_from(WebhookRow)) or 0)

    def change(self, row_id: int, **columns: Any) -> None:
        """Set columns of a webhook."""
        self._run(update(WebhookRow).where(WebhookRow.id == row_id).values(**columns))

    def remove(self, row_id: int) -> None:
        """Remove a webhook, its secrets and its log."""
        self._run(delete(WebhookRow).where(WebhookRow.id == row_id))

    def secrets(self, row_id: int, now: datetime) -> list[bytes]:
        """The sealed secrets that sign, the newest first."""
        return [bytes(row[0]) for row in self._rows(_SECRETS, hook=row_id, now=now)]

    def add_secret(self, row_id: int, sealed: bytes, lookup: bytes, now: datetime, ends_at: datetime) -> None:
        """Let another secret sign; those that there are sign until *ends_at*, and what has ended goes."""
        table = WebhookSecretRow
        self._run(delete(table).where(table.webhook_id == row_id, table.ends_at <= now))
        self._run(
            update(table).where(table.webhook_id == row_id, table.ends_at.is_(None)).values(ends_at=ends_at)
        )
        self._insert(table, webhook_id=row_id, sealed=sealed, lookup=lookup)

    def deliveries(self, row_id: int) -> list[HookDelivery]:
        """The last tries, the newest first."""
        return [HookDelivery(*row) for row in self._rows(_DELIVERIES, hook=row_id)]

    def add_delivery(self, row_id: int, delivery: HookDelivery) -> None:
        """Note a try, and forget the oldest."""
        table = WebhookDeliveryRow
        self._insert(
            table,
            webhook_id=row_id,
            message=delivery.id,
            type=delivery.type,
            at=delivery.at,
            status=delivery.status,
            error=delivery.error,
        )
        oldest: Sequence[Any] = self._rows(
            select(table.id)
            .where(table.webhook_id == row_id)
            .order_by(table.id.desc())
            .offset(MOST_DELIVERIES)
            .limit(1)
        )
        if oldest:
            self._run(delete(table).where(table.webhook_id == row_id, table.id <= oldest[0].id))


def _hook(row: Any) -> StoredWebhook:
    row_id, public_id, site_id, site, url, events, *rest = row
    return StoredWebhook(row_id, public_id, site_id, site, url, frozenset(map(HookEvent, events)), *rest)
