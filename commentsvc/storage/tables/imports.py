"""What was imported: by which file, into which threads, and which comments."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from commentsvc.storage.tables.types import Base, RowId, UtcDateTime


class ImportRow(Base):
    """An import. `counts` is what its report said; None while it runs, and of one that was killed."""

    __tablename__ = "import"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    format: Mapped[str] = mapped_column(String(32))
    file: Mapped[str] = mapped_column(Text)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    counts: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class ImportedThreadRow(Base):
    """A thread that an import made or described; `changes` has by column what that held, and what was set."""

    __tablename__ = "imported_thread"

    import_id: Mapped[int] = mapped_column(ForeignKey("import.id"), primary_key=True)
    thread_id: Mapped[int] = mapped_column(ForeignKey("thread.id"), primary_key=True)
    created: Mapped[bool]
    changes: Mapped[dict[str, list[Any]]] = mapped_column(JSON)


class ForeignIdRow(Base):
    """A comment that came from elsewhere; `digest` is a hash of what the export calls it.

    It stays when the comment is erased, so that the same export does not bring that back.
    """

    __tablename__ = "foreign_id"
    __table_args__ = (
        Index("ix_foreign_id_comment_id", "comment_id", unique=True),
        Index("ix_foreign_id_import_id", "import_id", "comment_id"),
        {"sqlite_with_rowid": False},
    )

    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"))
    import_id: Mapped[int] = mapped_column(ForeignKey("import.id"))
