"""Addresses to which mail ended."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from commentsvc.model import MailEnd
from commentsvc.storage.tables.types import Base, EnumString, RowId, UtcDateTime


class MailStopRow(Base):
    """An address to which nothing more is sent: its keyed hash alone, as the address stands with its comments."""

    __tablename__ = "mail_stop"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    lookup: Mapped[bytes] = mapped_column(LargeBinary, index=True)
    why: Mapped[MailEnd] = mapped_column(EnumString(MailEnd))
    ended_at: Mapped[datetime] = mapped_column(UtcDateTime)
