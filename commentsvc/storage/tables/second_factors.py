"""How people come in: invitations, and what proves besides a password who somebody is. All go with the account."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from commentsvc.storage.tables.types import Base, RowId, UtcDateTime


class InvitationRow(Base):
    """An account that nobody has used yet. The key of its link is stored as its SHA-256."""

    __tablename__ = "invitation"

    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class TotpRow(Base):
    """An authenticator app (RFC 6238). Its secret is sealed as addresses are; `step` is the last that was used.

    Until a code has shown that the app has the secret, `confirmed_at` is NULL and it is no second factor.
    """

    __tablename__ = "totp"

    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    lookup: Mapped[bytes] = mapped_column(LargeBinary)
    step: Mapped[int | None] = mapped_column(BigInteger)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RecoveryCodeRow(Base):
    """A recovery code that was not used yet, as its SHA-256."""

    __tablename__ = "recovery_code"

    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)


class PasskeyRow(Base):
    """A passkey (WebAuthn): its public key, and how often its authenticator says that it signed."""

    __tablename__ = "passkey"
    __table_args__ = (Index("ix_passkey_account_id", "account_id"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger)
    label: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
