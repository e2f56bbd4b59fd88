"""Accounts, sessions and API tokens."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
)
from sqlalchemy.orm import Mapped, mapped_column

from commentsvc.model import Role, Scope
from commentsvc.storage.tables.types import Base, EnumString, RowId, UtcDateTime


class AccountRow(Base):
    """A moderator. `public_id` stands for the person wherever the address must not be named."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    email: Mapped[str] = mapped_column(String(320), unique=True)
    name: Mapped[str | None] = mapped_column(Text)
    role: Mapped[Role] = mapped_column(EnumString(Role))
    all_sites: Mapped[bool]
    password_hash: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AccountSiteRow(Base):
    """A site that an account may moderate."""

    __tablename__ = "account_site"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), primary_key=True)


class SessionRow(Base):
    """Somebody signed in on a browser. The cookie's id is kept as its SHA-256: a stolen copy opens nothing."""

    __tablename__ = "session"
    __table_args__ = (Index("ix_session_account_id", "account_id"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    browser: Mapped[str] = mapped_column(String(64))
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ApiTokenRow(Base):
    """An API token, of which only a hash is kept; without a site it holds for all."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    scope: Mapped[Scope] = mapped_column(EnumString(Scope))
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    label: Mapped[str | None] = mapped_column(Text)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
