"""Sites, threads, comments, and what hangs on a comment."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from commentsvc.model import Markup, ModerationMode, State
from commentsvc.storage.tables.types import Base, Bytewise, EnumString, RowId, UtcDateTime


class SiteRow(Base):
    """`epoch` is random and renewed when a setting that shows changes: kept answers end with it.

    `retain` has the days for which the site keeps things, by kind, where it does not do as the service says; see
    `actions.retention`.
    """

    __tablename__ = "site"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    slug: Mapped[str] = mapped_column(String(64), unique=True)
    origins: Mapped[list[str]] = mapped_column(JSON)
    articles: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    checks: Mapped[dict[str, str]] = mapped_column(JSON, default=dict, server_default="{}")
    mode: Mapped[ModerationMode | None] = mapped_column(EnumString(ModerationMode))
    privacy_url: Mapped[str | None] = mapped_column(Text)
    close_after_days: Mapped[int | None]
    reports_hold: Mapped[int] = mapped_column(default=3, server_default="3")
    reasons: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    epoch: Mapped[str] = mapped_column(String(32))
    second_factor: Mapped[bool] = mapped_column(default=False, server_default=false())
    retain_networks: Mapped[int | None]
    retain: Mapped[dict[str, int | None]] = mapped_column(JSON, default=dict, server_default="{}")


class ThreadRow(Base):
    """`last_seq` numbers the comments, `version` the public states of the thread.

    `pins` are the numbers of the roots that stand first, the latest pin before the others; `locks` the paths of
    the comments under which nobody may reply. `closes_at` is when the thread closes by time, and `expired` says that
    it did; where it is `reopened`, somebody opened it after that. `claimed_by` is the comment whose form claimed title and
    address, None where an import brought them. `moved_to` is another thread: then this row only keeps an older article ID
    of that one, and has no comments. (No foreign keys: rows are copied in the order of their numbers, and those may come later.)
    """

    __tablename__ = "thread"
    __table_args__ = (
        UniqueConstraint("site_id", "article"),
        Index(
            "ix_thread_closes_at",
            "closes_at",
            sqlite_where=text("closes_at IS NOT NULL AND expired = 0"),
            postgresql_where=text("closes_at IS NOT NULL AND NOT expired"),
        ),
        Index(
            "ix_thread_moved_to",
            "moved_to",
            sqlite_where=text("moved_to IS NOT NULL"),
            postgresql_where=text("moved_to IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    article: Mapped[str] = mapped_column(Bytewise)
    title: Mapped[str | None] = mapped_column(Text)
    url: Mapped[str | None] = mapped_column(Text)
    claimed_title: Mapped[str | None] = mapped_column(Text)
    claimed_url: Mapped[str | None] = mapped_column(Text)
    claimed_by: Mapped[int | None] = mapped_column(BigInteger)
    open: Mapped[bool] = mapped_column(default=True)
    count: Mapped[int] = mapped_column(default=0)
    last_seq: Mapped[int] = mapped_column(BigInteger, default=0)
    version: Mapped[int] = mapped_column(BigInteger, default=0)
    pins: Mapped[list[int]] = mapped_column(JSON, default=list, server_default="[]")
    locks: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    close_after_days: Mapped[int | None]
    closes_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expired: Mapped[bool] = mapped_column(default=False, server_default=false())
    reopened: Mapped[bool] = mapped_column(default=False, server_default=false())
    slow_mode_seconds: Mapped[int | None]
    moved_to: Mapped[int | None] = mapped_column(RowId)


def _listed(name: str, *columns: str) -> Index:
    """An index of the comments that were not erased."""
    condition = text("erased_at IS NULL")
    return Index(name, *columns, sqlite_where=condition, postgresql_where=condition)


class CommentRow(Base):
    """A comment and its place; see `threads.places` for `path`, `shown` and `public_below`.

    `revision` grows with each edit. `changed_since_read`: how many pieces of its text edits changed since a person
    approved it, see `screening.edits`. `vouched`: a person approved it, or an import brought it in as
    approved, and nobody took anything of its author away since; see `storage.trust`. `withdrawn_by` is the
    decision that ended that. `fingerprint` is the
    same for the same text (see `screening.fingerprint`); None for what was imported or is older than it.
    `markup` is what `text` is written in: imports bring HTML as well.
    `redactions` are the parts of `text` that are blacked out in `html`, as pairs of code points. `answered_by` is the
    opaque id of the person or token that wrote it as staff: such a comment has no address, and neither have some
    that were imported.

    A row is deleted only where an import is undone: what was erased keeps its place and loses name, text and address.
    """

    __tablename__ = "comment"
    __table_args__ = (
        UniqueConstraint("thread_id", "seq"),
        Index(
            "ix_comment_shown_oldest",
            "thread_id",
            "root_seq",
            "path",
            sqlite_where=text("shown = 1"),
            postgresql_where=text("shown"),
        ),
        Index(
            "ix_comment_shown_newest",
            "thread_id",
            text("root_seq DESC"),
            "path",
            sqlite_where=text("shown = 1"),
            postgresql_where=text("shown"),
        ),
        Index(
            "ix_comment_newest",
            "site_id",
            "posted_at",
            "id",
            sqlite_where=text("shown = 1"),
            postgresql_where=text("shown"),
        ),
        Index("ix_comment_path", "thread_id", "path"),
        # What was erased is in no list: thousands of purged comments would be passed over each time.
        _listed("ix_comment_queue", "site_id", "state", "id"),
        _listed("ix_comment_state", "state", "id"),
        _listed("ix_comment_thread_state", "thread_id", "state", "id"),
        Index("ix_comment_author", "site_id", "author_id", "state"),
        Index(
            "ix_comment_vouched",
            "site_id",
            "author_id",
            sqlite_where=text("vouched = 1"),
            postgresql_where=text("vouched"),
        ),
        Index(
            "ix_comment_fingerprint",
            "site_id",
            "fingerprint",
            "posted_at",
            sqlite_where=text("fingerprint IS NOT NULL"),
            postgresql_where=text("fingerprint IS NOT NULL"),
        ),
        Index(
            "ix_comment_parent_id",  # without it a database looks through all comments for each that is deleted
            "parent_id",
            sqlite_where=text("parent_id IS NOT NULL"),
            postgresql_where=text("parent_id IS NOT NULL"),
        ),
        _listed("ix_comment_rules", "rules", "id"),
        Index("ix_comment_day", "site_id", "posted_at", "state"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    thread_id: Mapped[int] = mapped_column(ForeignKey("thread.id"))
    seq: Mapped[int] = mapped_column(BigInteger)
    root_seq: Mapped[int] = mapped_column(BigInteger)
    path: Mapped[str] = mapped_column(Bytewise)
    depth: Mapped[int]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id"))
    state: Mapped[State] = mapped_column(EnumString(State))
    reasons: Mapped[list[str]] = mapped_column(JSON)
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSON, server_default="[]")
    shown: Mapped[bool] = mapped_column(default=False)
    public_below: Mapped[int] = mapped_column(default=0)
    author_id: Mapped[str] = mapped_column(String(22))
    author_name: Mapped[str] = mapped_column(Text)
    author_url: Mapped[str | None] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    markup: Mapped[Markup] = mapped_column(EnumString(Markup), server_default=Markup.MARKDOWN)
    html: Mapped[str] = mapped_column(Text)
    rules: Mapped[int]
    fingerprint: Mapped[bytes | None] = mapped_column(LargeBinary)
    revision: Mapped[int] = mapped_column(default=1)
    vouched: Mapped[bool] = mapped_column(default=False)
    changed_since_read: Mapped[int] = mapped_column(server_default="0")
    staff: Mapped[bool] = mapped_column(default=False, server_default=false())
    redactions: Mapped[list[list[int]] | None] = mapped_column(JSON(none_as_null=True))
    answered_by: Mapped[str | None] = mapped_column(String(64))
    withdrawn_by: Mapped[str | None] = mapped_column(String(16))
    posted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    edited_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class AddressRow(Base):
    """A comment's e-mail address, sealed. Public queries never come here."""

    __tablename__ = "address"
    __table_args__ = (Index("ix_address_lookup", "lookup", "comment_id"),)

    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    lookup: Mapped[bytes] = mapped_column(LargeBinary)


class NetworkRow(Base):
    """The network that a guest's comment came from, sealed; it is kept for some days. Public queries never come here."""

    __tablename__ = "network"
    __table_args__ = (
        Index("ix_network_lookup", "lookup", "comment_id"),
        Index("ix_network_created_at", "site_id", "created_at"),
    )

    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"), primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    lookup: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SpentTokenRow(Base):
    """A form token that made a comment; `digest` tells the same content from another."""

    __tablename__ = "spent_token"
    __table_args__ = (Index("ix_spent_token_expires_at", "expires_at"),)

    nonce: Mapped[str] = mapped_column(String(64), primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"))
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SentFormRow(Base):
    """A plain form that made a comment a short while ago; `digest` is a keyed hash of what it held, and whence it came."""

    __tablename__ = "sent_form"
    __table_args__ = (Index("ix_sent_form_expires_at", "expires_at"),)

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id"))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SlowModePostRow(Base):
    """Who posted a short while ago where slow mode is on: `digest` is a keyed hash of a thread, and an author or a network."""

    __tablename__ = "slow_mode_post"
    __table_args__ = (Index("ix_slow_mode_post_expires_at", "expires_at"),)

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CommentCountRow(Base):
    """How many comments of a site are in a state, in parts: who changes them takes any, so that few wait for each other."""

    __tablename__ = "comment_count"

    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), primary_key=True)
    state: Mapped[State] = mapped_column(EnumString(State), primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)
