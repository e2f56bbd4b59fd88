"""Accounts, their second factors and sessions, and API tokens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from commentsvc.model import (
    ReportReason,
    Role,
    Scope,
)


@dataclass(frozen=True, slots=True)
class StoredAccount:
    """An account; `sites` is None where it moderates all."""

    id: int
    public_id: str
    email: str
    name: str | None
    role: Role
    sites: frozenset[int] | None
    password_hash: str


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A session's row without the digest of its secret."""

    public_id: str
    account_id: int
    browser: str
    began_at: datetime
    used_at: datetime


@dataclass(frozen=True, slots=True)
class StoredTotp:
    """An account's authenticator app: its sealed secret, and since when it is a second factor."""

    sealed: bytes
    confirmed_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoredPasskey:
    """A passkey's row."""

    public_id: str
    account_id: int
    credential_id: bytes
    public_key: bytes
    sign_count: int
    label: str
    created_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoredToken:
    """A token's row: what it is good for, where, and until when; without a site, everywhere."""

    public_id: str
    scope: Scope
    site_id: int | None
    site: str | None
    label: str | None
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoredErasure:
    """An erasure of what belonged to a person; see `storage.tables.ErasureRow`."""

    id: int
    public_id: str
    person: str
    site_id: int | None
    keep_text: bool
    begun_at: datetime
    finished_at: datetime | None
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class MadeReport:
    """A report that a person made, with where the comment stands that it is about."""

    public_id: str
    comment: str
    site: str
    article: str
    reason: ReportReason
    text: str
    name: str
    sealed: bytes | None
    good_faith: bool
    created_at: datetime
    closed_at: datetime | None
