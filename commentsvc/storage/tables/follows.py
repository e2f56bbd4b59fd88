"""Who wants to be told of comments by mail, of what, and what they were asked."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from commentsvc.model import Notify, QuestionKind
from commentsvc.storage.tables.types import Base, EnumString, RowId, UtcDateTime


class FollowRow(Base):
    """What the author of a comment wants to be told of by mail; the address is that of the comment, and nowhere else.

    `comment_id` is None once the comment has no address any more: then only its stop links are left, which never expire.
    `stop` is the secret in those. `person` is a random id that all follows of one address share, given when the first
    comment of that is public: until then nothing depends on whether others are there. `lang` is the language in which one followed.
    `unasked` is true where the question whether mail is wanted was not sent, as the comment was not public by then.
    """

    __tablename__ = "follow"
    __table_args__ = (
        Index("ix_follow_person", "person", "thread_id"),
        Index(
            "ix_follow_all",
            "thread_id",
            "id",
            sqlite_where=text("kind = 'all' AND stopped_at IS NULL"),
            postgresql_where=text("kind = 'all' AND stopped_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id"), unique=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    thread_id: Mapped[int] = mapped_column(ForeignKey("thread.id"))
    kind: Mapped[Notify] = mapped_column(EnumString(Notify))
    lang: Mapped[str] = mapped_column(String(35))
    stop: Mapped[str] = mapped_column(String(26), unique=True)
    person: Mapped[str | None] = mapped_column(String(26))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    stopped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    unasked: Mapped[bool] = mapped_column(default=False, server_default=false())


class NoticeRow(Base):
    """That a person is to be told of a comment, or was: of each at most once. From `forget_at` on, nobody is told of it again.

    One that has `until` is told of in a mail of its own, and those of its thread that come until then have its id as
    their `batch`: they are told of together. One with neither waits until its follow is confirmed. The comment is named by number alone.
    """

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("person", "comment_id"),
        Index("ix_notice_until", "person", "thread_id", "until"),
        Index("ix_notice_batch", "batch"),
        Index("ix_notice_follow_id", "follow_id"),
        Index("ix_notice_comment_id", "comment_id"),
        Index("ix_notice_forget_at", "forget_at"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    person: Mapped[str] = mapped_column(String(26))
    comment_id: Mapped[int] = mapped_column(RowId)
    thread_id: Mapped[int] = mapped_column(RowId)
    follow_id: Mapped[int] = mapped_column(ForeignKey("follow.id"))
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    batch: Mapped[int | None] = mapped_column(RowId)
    forget_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class QuestionRow(Base):
    """A mail that asks, or that answers `/me`, with a link that is good for a while.

    `recipient` is the keyed hash of the address, so that they can be counted. `comment_id` is the comment whose address
    it goes to; None while nobody has looked yet whether there is any.
    """

    __tablename__ = "question"
    __table_args__ = (
        Index("ix_question_recipient", "recipient", "created_at"),
        Index("ix_question_comment_id", "comment_id"),
        Index("ix_question_expires_at", "expires_at"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(26), unique=True)
    kind: Mapped[QuestionKind] = mapped_column(EnumString(QuestionKind))
    recipient: Mapped[bytes] = mapped_column(LargeBinary)
    comment_id: Mapped[int | None] = mapped_column(RowId)
    lang: Mapped[str] = mapped_column(String(35))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
