"""API tokens: made once, shown once, kept as a hash."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from sqlalchemy.orm import Session

from commentsvc.errors import NotSignedIn, Refused
from commentsvc.model import Scope
from commentsvc.storage import api_tokens
from commentsvc.storage.api_tokens import StoredToken

PREFIX = "csvc_"  # so that scanners for leaked secrets can know one


def create(tx: Session, scope: Scope, site_id: int | None, now: datetime) -> str:
    """Make a token and give it; it cannot be read again."""
    token = PREFIX + secrets.token_urlsafe(32)
    api_tokens.add(tx, secrets.token_urlsafe(12), _digest(token), scope, site_id, now)
    return token


def holder(session: Session, token: str, scope: Scope) -> StoredToken:
    """Give what *token* is good for.

    :raises NotSignedIn: we do not know it.
    :raises Refused: it is not good for *scope*.
    """
    found = api_tokens.by_digest(session, _digest(token))
    if found is None:
        raise NotSignedIn("This API token is not known here; “commentsvc token create” makes one.")
    if found.scope is not scope:
        raise Refused(f"This API token is good for “{found.scope}” and not for “{scope}”.")
    return found


def _digest(token: str) -> bytes:
    # A token has 256 random bits: a plain hash of it cannot be tried through.
    return hashlib.sha256(token.encode(errors="replace")).digest()
