"""The audit log: decisions about comments, what else was done by whom, and the chain that both stand in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from commentsvc.model import State
from commentsvc.storage.tables.types import Base, EnumString, RowId, UtcDateTime


def _unchained(table: str) -> Index:
    """An index of the lines that are not in the chain yet: those of one unit of work, and of an older program."""
    condition = text("position IS NULL")
    return Index(f"ix_{table}_unchained", "id", sqlite_where=condition, postgresql_where=condition)


class DecisionRow(Base):
    """A decision. It outlives what it speaks of: it has names and no row ids.

    `position` and `hash` are those of the chain; `by_name` is None in a line of an older program until it is in the
    chain. `reason` may be erased, `salt` with it: the chain holds `reason_digest` alone. `revision` is that of the comment
    as it was decided about; None in a line of an older program.
    """

    __tablename__ = "decision"
    __table_args__ = (
        Index("ix_decision_site", "site_id", "id"),
        Index("ix_decision_comment", "comment"),
        Index("ix_decision_position", "position", unique=True),
        _unchained("decision"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(Text)
    by_name: Mapped[str | None] = mapped_column(Text)
    comment: Mapped[str] = mapped_column(String(16))
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    article: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(String(16))
    from_state: Mapped[State | None] = mapped_column(EnumString(State))
    to_state: Mapped[State | None] = mapped_column(EnumString(State))
    reason: Mapped[str | None] = mapped_column(Text)
    salt: Mapped[str | None] = mapped_column(String(32))
    reason_digest: Mapped[str | None] = mapped_column(String(64))
    undoes: Mapped[str | None] = mapped_column(String(16))
    revision: Mapped[int | None]
    position: Mapped[int | None] = mapped_column(BigInteger)
    hash: Mapped[str | None] = mapped_column(String(64))


class AuditRow(Base):
    """What was done about people, tokens, sites, blocks, rules and threads; `by` is an opaque id, never an address."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_kind", "kind", "id"),
        Index("ix_audit_kind_position", "kind", "position"),
        Index("ix_audit_position", "position", unique=True),
        _unchained("audit"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(String(16))
    by_name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(32))
    what: Mapped[dict[str, Any]] = mapped_column(JSON)
    position: Mapped[int | None] = mapped_column(BigInteger)
    hash: Mapped[str | None] = mapped_column(String(64))


class AuditChainRow(Base):
    """The chain's two ends, in the one row there is: the newest entry, and the newest that is gone by age."""

    __tablename__ = "audit_chain"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))
    gone_position: Mapped[int] = mapped_column(BigInteger)
    gone_hash: Mapped[str] = mapped_column(String(64))
    gone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class NoteRow(Base):
    """What a moderator noted about a comment, for the others; it goes when the comment is erased."""

    __tablename__ = "note"
    __table_args__ = (Index("ix_note_comment_id", "comment_id", "id"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(String(16))
    by_name: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
