"""Events, and the messages that tell of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, LargeBinary, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from commentsvc.model import EventKind, MessageKind, MessageState
from commentsvc.storage.tables.types import Base, EnumString, RowId, UtcDateTime

_WAITS = text("ended_at IS NULL")
_ENDED = text("ended_at IS NOT NULL")
_LET_OUT = text("let_out_at IS NOT NULL")
_NAMED = text("recipient IS NOT NULL")
_LEASED = text("lease_owner IS NOT NULL")
_FRESH = text("failures = 0")
_FAILED = text("failures > 0")
_FORGOTTEN = text("forget_at IS NOT NULL")


class EventRow(Base):
    """Something that happened and that nobody was told of yet; see `records.NewEvent`.

    It refers to its comment by number alone, and outlives it. `due_at` is when one that could not be told is told again.
    """

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_fresh", "id", sqlite_where=_FRESH, postgresql_where=_FRESH),
        Index("ix_event_failed", "due_at", sqlite_where=_FAILED, postgresql_where=_FAILED),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    kind: Mapped[EventKind] = mapped_column(EnumString(EventKind))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    site_id: Mapped[int | None] = mapped_column(RowId)
    thread_id: Mapped[int | None] = mapped_column(RowId)
    comment_id: Mapped[int | None] = mapped_column(RowId)
    by: Mapped[str | None] = mapped_column(String(64))
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    only: Mapped[str | None] = mapped_column(String(32))
    failures: Mapped[int]
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class OutboxRow(Base):
    """A message to one receiver; see `records.OutboxMessage`. A runner that sends it has a lease until `due_at`.

    `perhaps_sent` is true where a try ended without an answer to all that was sent.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_lane", "lane", "due_at", "id", sqlite_where=_WAITS, postgresql_where=_WAITS),
        Index("ix_outbox_late_at", "late_at", sqlite_where=_WAITS, postgresql_where=_WAITS),
        Index("ix_outbox_ended_at", "state", "ended_at", sqlite_where=_ENDED, postgresql_where=_ENDED),
        Index("ix_outbox_lease", "lease_owner", sqlite_where=_LEASED, postgresql_where=_LEASED),
        Index("ix_outbox_recipient", "recipient", "ended_at", sqlite_where=_NAMED, postgresql_where=_NAMED),
        Index("ix_outbox_state", "state", "kind", "id"),
        Index("ix_outbox_let_out_at", "let_out_at", sqlite_where=_LET_OUT, postgresql_where=_LET_OUT),
        Index(
            "ix_outbox_let_out_to",
            "recipient",
            "let_out_at",
            sqlite_where=_LET_OUT,
            postgresql_where=_LET_OUT,
        ),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(26), unique=True)
    kind: Mapped[MessageKind] = mapped_column(EnumString(MessageKind))
    about: Mapped[str] = mapped_column(String(32))
    receiver: Mapped[str] = mapped_column(String(255))
    lane: Mapped[str] = mapped_column(String(255))
    recipient: Mapped[bytes | None] = mapped_column(LargeBinary)
    site_id: Mapped[int | None] = mapped_column(RowId)
    thread_id: Mapped[int | None] = mapped_column(RowId)
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[MessageState] = mapped_column(EnumString(MessageState))
    tries: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    late_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lease_owner: Mapped[str | None] = mapped_column(String(32))
    error: Mapped[str | None] = mapped_column(String(120))
    perhaps_sent: Mapped[bool] = mapped_column(default=False, server_default=false())
    let_out_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # of a mail: when a rate last let it out


class ToldRow(Base):
    """A hash of what somebody was told once, and is never told again; from `forget_at` on, nothing would tell of it again."""

    __tablename__ = "told"
    __table_args__ = (
        Index("ix_told_forget_at", "forget_at", sqlite_where=_FORGOTTEN, postgresql_where=_FORGOTTEN),
        {"sqlite_with_rowid": False},
    )

    digest: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    forget_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RestoredRow(Base):
    """When the database was last restored from a backup, if it was: one row at most. What had ended by then is no news."""

    __tablename__ = "restored"

    at: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
