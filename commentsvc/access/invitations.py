"""Invitations: a link that is good once, for an account that nobody has used yet."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from commentsvc.settings import Settings
from commentsvc.storage.unit_of_work import UnitOfWork

LIFETIME = timedelta(days=7)


def begin(work: UnitOfWork, account_id: int, now: datetime) -> str:
    """Invite the account of that row number, in place of an earlier invitation; give the key."""
    key = secrets.token_urlsafe(32)
    work.invitations.put(account_id, digest(key), (now + LIFETIME).replace(microsecond=0))
    return key


def link(settings: Settings, key: str) -> str:
    """The link of an invitation. The key is its fragment, which no browser sends and no server logs."""
    return f"{settings.base_url}/moderation/invitation#key={key}"


def key_of(link_or_key: str) -> str:
    """The key in what was pasted: the whole link, or what stands behind its `key=`."""
    return link_or_key.strip().rpartition("#key=")[2]


def digest(key: str) -> bytes:
    """What is stored of a key. 256 random bits: a plain hash of them cannot be tried through."""
    return hashlib.sha256(key.encode(errors="replace")).digest()
