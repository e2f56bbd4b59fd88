"""What readers report, and what authors are told of decisions and say against them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from commentsvc.model import Outcome, ReportReason
from commentsvc.storage.tables.types import Base, EnumString, RowId, UtcDateTime

IS_OPEN = text("closed_at IS NULL")


class ReportRow(Base):
    """A report of a comment, open until somebody decides about that. Its e-mail address is sealed as a comment's is.

    `client` is a keyed hash of the comment and the network that it came from, as long as the report is open. What
    hangs on an erased comment keeps its reason and its times, and nothing else.
    """

    __tablename__ = "report"
    __table_args__ = (
        Index("ix_report_comment_id", "comment_id", "id"),
        Index("ix_report_open", "site_id", "comment_id", sqlite_where=IS_OPEN, postgresql_where=IS_OPEN),
        Index("ix_report_lookup", "lookup"),
        Index("uq_report_client", "comment_id", "client", unique=True),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"))
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    client: Mapped[bytes | None] = mapped_column(LargeBinary)
    reason: Mapped[ReportReason] = mapped_column(EnumString(ReportReason))
    text: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    lookup: Mapped[bytes | None] = mapped_column(LargeBinary)
    good_faith: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class StatementRow(Base):
    """What the author may be told of a decision that a program made: what it would have been without their address."""

    __tablename__ = "statement"

    decision: Mapped[str] = mapped_column(String(16), primary_key=True)
    outcome: Mapped[Outcome] = mapped_column(EnumString(Outcome))
    facts: Mapped[list[dict[str, Any]]] = mapped_column(JSON)


class ObjectionRow(Base):
    """What an author says against a decision. `granted`: the comment became public upon it."""

    __tablename__ = "objection"
    __table_args__ = (Index("ix_objection_comment_id", "comment_id", "id"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"))
    decision: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answer: Mapped[str | None] = mapped_column(Text)
    granted: Mapped[bool] = mapped_column(default=False)
