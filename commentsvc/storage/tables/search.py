"""What searches look through; `storage.search` says how."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from commentsvc.storage.tables.types import Base


class SearchTextRow(Base):
    """The name and the text of a comment, folded. An index of its trigrams hangs on it, by triggers."""

    __tablename__ = "search_text"

    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"), primary_key=True)
    folded: Mapped[str] = mapped_column(Text)


class SearchMissingRow(Base):
    """A comment that has no `SearchTextRow` yet: it is older than these, or a program wrote it that knows none."""

    __tablename__ = "search_missing"

    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"), primary_key=True)
