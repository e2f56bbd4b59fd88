"""Webhooks, their secrets, and what was sent to them last."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from commentsvc.storage.tables.types import Base, RowId, UtcDateTime


class WebhookRow(Base):
    """A webhook; without a site it is for all. Where `disabled_at` is set nothing is sent to it."""

    __tablename__ = "webhook"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))
    url: Mapped[str] = mapped_column(Text)
    events: Mapped[list[str]] = mapped_column(JSON)
    private: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    failing_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    why: Mapped[str | None] = mapped_column(String(120))


class WebhookSecretRow(Base):
    """What signs what is sent to a webhook, sealed as addresses are for the webhook's public id.

    One that another replaced signs until `ends_at`.
    """

    __tablename__ = "webhook_secret"
    __table_args__ = (Index("ix_webhook_secret_webhook_id", "webhook_id"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhook.id", ondelete="CASCADE"))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    lookup: Mapped[bytes] = mapped_column(LargeBinary)
    ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class WebhookDeliveryRow(Base):
    """A try to send something to a webhook; the last of each are kept."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (Index("ix_webhook_delivery_webhook_id", "webhook_id", "id"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhook.id", ondelete="CASCADE"))
    message: Mapped[str] = mapped_column(String(26))
    type: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    status: Mapped[int | None]
    error: Mapped[str | None] = mapped_column(String(120))
