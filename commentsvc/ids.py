"""Ids that people copy from a list and type."""

from __future__ import annotations

import secrets
from base64 import b32encode, urlsafe_b64encode
from collections.abc import Callable

ID_BYTES = 12
AUTHOR_BYTES = 16


def fresh_id(random_bytes: Callable[[int], bytes] = secrets.token_bytes) -> str:
    """Give an id of 96 random bits, URL-safe; it never looks like an option of a command line."""
    while (fresh := urlsafe_b64encode(random_bytes(ID_BYTES)).decode()).startswith("-"):
        pass
    return fresh


def fresh_author_id() -> str:
    """Give an author id that is nobody's: 128 random bits, as `intake.guest_keys` makes them."""
    return secrets.token_urlsafe(AUTHOR_BYTES)


def fresh_secret(random_bytes: Callable[[int], bytes]) -> str:
    """Give 128 random bits as 26 lower-case letters and digits, which mail programs leave as they are."""
    return b32encode(random_bytes(16)).decode().rstrip("=").lower()
