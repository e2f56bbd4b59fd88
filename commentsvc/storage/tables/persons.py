"""Erasures of all that belonged to a person."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from commentsvc.storage.tables.types import Base, RowId, UtcDateTime


class ErasureRow(Base):
    """An erasure, of all sites where it names none. `person` is a keyed digest of the address, in hexadecimal digits.

    `counts` says what is erased so far; each step of an erasure adds to it, so that one that was killed goes on.
    """

    __tablename__ = "erasure"
    __table_args__ = (Index("ix_erasure_person", "person"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    person: Mapped[str] = mapped_column(String(64))
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))
    keep_text: Mapped[bool]
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    counts: Mapped[dict[str, int]] = mapped_column(JSON)
