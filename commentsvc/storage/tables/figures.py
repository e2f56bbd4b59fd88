"""Figures of decisions, added up by day."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from commentsvc.storage.tables.types import Base, RowId


class FigureRow(Base):
    """How often something was counted on a site on a day; see `moderation.tally`. `label` is a person's name."""

    __tablename__ = "figure"

    site_id: Mapped[int] = mapped_column(RowId, ForeignKey("site.id"), primary_key=True)
    what: Mapped[str] = mapped_column(String(16), primary_key=True)
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    label: Mapped[str | None] = mapped_column(Text)
    count: Mapped[int] = mapped_column(BigInteger)


class FigureProgressRow(Base):
    """The place in the audit log up to which decisions are counted, in the one row there is."""

    __tablename__ = "figure_progress"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(BigInteger)
