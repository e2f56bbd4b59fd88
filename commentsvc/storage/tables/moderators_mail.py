"""What moderators want to be told of by mail, and what they are told of."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from commentsvc.model import WaitingMail
from commentsvc.storage.tables.types import Base, EnumString, RowId, UtcDateTime


class MailChoiceRow(Base):
    """What one account wants to be told of; one that has no row has never chosen.

    `batch` is the number of the latest mail about what waits, and `due_at` when that is sent. `language` is the one in
    which the person last signed in.
    """

    __tablename__ = "mail_choice"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    waiting: Mapped[WaitingMail] = mapped_column(EnumString(WaitingMail))
    reports: Mapped[bool]
    all_sites: Mapped[bool]
    language: Mapped[str | None] = mapped_column(String(16))
    batch: Mapped[int]
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts_told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class MailChoiceSiteRow(Base):
    """A site that an account wants to be told of, where it is not all of its sites."""

    __tablename__ = "mail_choice_site"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), primary_key=True)


class WaitingNoticeRow(Base):
    """That an account is told, in the mail of number `batch`, of a comment that waits: of each `occasion` once, for as
    long as the comment is there, since it may be held again.

    The comment is named by number alone.
    """

    __tablename__ = "waiting_notice"
    __table_args__ = (
        UniqueConstraint("account_id", "comment_id", "occasion"),
        Index("ix_waiting_notice_batch", "account_id", "batch"),
        Index("ix_waiting_notice_comment_id", "comment_id"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    comment_id: Mapped[int] = mapped_column(RowId)
    occasion: Mapped[int]
    batch: Mapped[int]


class UsedLinkRow(Base):
    """A link to decide by that was used, as its SHA-256, until it would have ended anyway."""

    __tablename__ = "used_link"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
