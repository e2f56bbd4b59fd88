"""What moderators block and rule, and requests to decide that their clients named."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
)
from sqlalchemy.orm import Mapped, mapped_column

from commentsvc.model import BlockAction, BlockKind, CheckMode
from commentsvc.storage.tables.types import Base, EnumString, RowId, UtcDateTime


class DecisionRequestRow(Base):
    """A request to decide that its client named: sent again, it is answered as it was."""

    __tablename__ = "decision_request"
    __table_args__ = (Index("ix_decision_request_created_at", "created_at"),)

    person: Mapped[str] = mapped_column(String(64), primary_key=True)
    client_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    answer: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class BlockRow(Base):
    """A block. The value of one on an e-mail address is sealed like an address, and found by `lookup`."""

    __tablename__ = "block"
    __table_args__ = (Index("ix_block_lookup", "lookup"), Index("ix_block_kind", "kind"))

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))
    kind: Mapped[BlockKind] = mapped_column(EnumString(BlockKind))
    value: Mapped[str | None] = mapped_column(Text)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    lookup: Mapped[bytes | None] = mapped_column(LargeBinary)
    action: Mapped[BlockAction] = mapped_column(EnumString(BlockAction))
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    note: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RuleRow(Base):
    """A rule; `conditions` is its `When` without e-mail addresses, which are in `rule_address`."""

    __tablename__ = "rule"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"), index=True)
    name: Mapped[str] = mapped_column(Text)
    conditions: Mapped[dict[str, Any]] = mapped_column(JSON)
    names_addresses: Mapped[bool]
    outcome: Mapped[BlockAction] = mapped_column(EnumString(BlockAction))
    mode: Mapped[CheckMode] = mapped_column(EnumString(CheckMode))
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    note: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RuleAddressRow(Base):
    """An e-mail address that a rule names, sealed for the rule's public id."""

    __tablename__ = "rule_address"
    __table_args__ = (Index("ix_rule_address_rule_id", "rule_id", "lookup"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    rule_id: Mapped[int] = mapped_column(ForeignKey("rule.id"))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    lookup: Mapped[bytes] = mapped_column(LargeBinary)
