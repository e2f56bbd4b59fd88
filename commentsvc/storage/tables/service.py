"""What the service needs for itself: keys, scripts, jobs, and hits of rate limits."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Index,
    LargeBinary,
    String,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from commentsvc.model import JobState
from commentsvc.storage.tables.types import Base, EnumString, RowId, UtcDateTime


class ServiceKeyRow(Base):
    """A key that the service uses: its name and a check value, which tells nothing of the key itself.

    `position` counts from the oldest; see `storage.service_keys`.
    """

    __tablename__ = "service_key"

    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(Text)
    check_value: Mapped[bytes] = mapped_column(LargeBinary)


class ScriptRow(Base):
    """A script that was served under the digest of its content; it is never removed."""

    __tablename__ = "script"

    digest: Mapped[str] = mapped_column(String(16), primary_key=True)
    name: Mapped[str] = mapped_column(String(16))
    content: Mapped[bytes] = mapped_column(LargeBinary)


class JobRow(Base):
    """Long work: see `model.Job`. A runner that works on it has a lease until `due_at`, which each step puts off.

    `singleton` names what there may be but one of that is not at its end; `finished_at` is set at the end alone.
    """

    __tablename__ = "job"
    __table_args__ = (
        Index(
            "ix_job_due",
            "due_at",
            "id",
            sqlite_where=text("finished_at IS NULL"),
            postgresql_where=text("finished_at IS NULL"),
        ),
        Index(
            "ix_job_finished_at",
            "finished_at",
            sqlite_where=text("finished_at IS NOT NULL"),
            postgresql_where=text("finished_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    kind: Mapped[str] = mapped_column(String(32))
    state: Mapped[JobState] = mapped_column(EnumString(JobState))
    singleton: Mapped[str | None] = mapped_column(String(64), unique=True)
    arguments: Mapped[dict[str, Any]] = mapped_column(JSON)
    cursor: Mapped[dict[str, Any]] = mapped_column(JSON)
    done: Mapped[int] = mapped_column(BigInteger)
    total: Mapped[int | None] = mapped_column(BigInteger)
    failures: Mapped[int]
    lease_owner: Mapped[str | None] = mapped_column(String(32))
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str | None] = mapped_column(String(64))


class RateHitRow(Base):
    """What counts in a window of the rate limits, on PostgreSQL without Redis; times are microseconds since the epoch.

    A client is in `key` as a keyed digest alone. Nothing of it has to outlive a crash: see `rate_limits/postgresql.py`.
    """

    __tablename__ = "rate_hit"
    __table_args__ = (Index("ix_rate_hit_expires", "expires"),)

    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    at: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    amount: Mapped[int] = mapped_column(BigInteger)
    expires: Mapped[int] = mapped_column(BigInteger)
