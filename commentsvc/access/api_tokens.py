"""API tokens: made once, shown once, kept as a hash."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import UTC, date, datetime, time, timedelta

from commentsvc.access.permissions import OF_SCOPE
from commentsvc.errors import Forbidden, NotAuthenticated
from commentsvc.ids import fresh_id
from commentsvc.messages import message
from commentsvc.model import Actor, Permission, Scope
from commentsvc.records import StoredToken
from commentsvc.storage.unit_of_work import UnitOfWork

PREFIX = "csvc_"  # so that scanners for leaked secrets can know one
LONGEST_LABEL = 100  # characters
LONGEST_DAYS = 36_500
TOUCH_EVERY = timedelta(minutes=5)  # last use is told no finer: each note is a write

_DAYS = re.compile(r"([1-9][0-9]{0,5})d")


def create(
    work: UnitOfWork,
    scope: Scope,
    site_id: int | None,
    label: str | None,
    expires_at: datetime | None,
    now: datetime,
) -> tuple[str, StoredToken]:
    """Make a token and give it, with its row; it cannot be read again."""
    token = PREFIX + secrets.token_urlsafe(32)
    row = StoredToken(fresh_id(), scope, site_id, None, label, now, expires_at, None)
    work.api_tokens.add(row, _digest(token))
    return token, row


def holder(work: UnitOfWork, token: str, permission: Permission, now: datetime) -> StoredToken:
    """Give what *token* is good for.

    :raises NotAuthenticated: we do not know it, or it has expired.
    :raises Forbidden: its scope has not that permission.
    """
    row = work.api_tokens.by_digest(_digest(token))
    if row is None:
        raise NotAuthenticated("Unknown API token; “commentsvc token create” makes one.")
    if row.expires_at is not None and row.expires_at <= now:
        raise NotAuthenticated("This API token has expired; “commentsvc token create” makes another.")
    if permission not in OF_SCOPE[row.scope]:
        raise Forbidden(f"This API token is good for “{row.scope}”, which is not enough here.")
    return row


def needs_touch(token: StoredToken, now: datetime) -> bool:
    """Whether its last use should be stored again."""
    return token.used_at is None or now - token.used_at >= TOUCH_EVERY


def actor(token: StoredToken) -> Actor:
    """Who the token is in the audit trail."""
    return Actor(token.public_id, f"API token {token.label or token.public_id}")


def read_end(raw: str, now: datetime) -> datetime:
    """Give when a token ends: `30d` from now, or at the end of a day (UTC) such as `2027-01-31`.

    :raises ValueError: it is not a future date or a number of days; the text says what is expected.
    """
    expected = message(
        "An end is a date in the future, such as 2027-01-31, or a number of days, such as 30d."
    )
    if (days := _DAYS.fullmatch(raw)) and int(days[1]) <= LONGEST_DAYS:
        return now + timedelta(days=int(days[1]))
    try:
        end = datetime.combine(date.fromisoformat(raw), time.max.replace(microsecond=0), UTC)
    except ValueError:
        raise ValueError(expected) from None
    if end <= now:
        raise ValueError(expected)
    return end


def _digest(token: str) -> bytes:
    # A token has 256 random bits: a plain hash of it cannot be tried through.
    return hashlib.sha256(token.encode(errors="replace")).digest()
