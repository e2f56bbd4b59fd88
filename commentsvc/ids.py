"""Ids that people copy from a list and type."""

from __future__ import annotations

import secrets
from base64 import b32encode
from collections.abc import Callable

ID_BYTES = 12
AUTHOR_BYTES = 16


def fresh_id() -> str:
    """Give an id of 96 random bits, URL-safe; it never looks like an option of a command line."""
    while (fresh := secrets.token_urlsafe(ID_BYTES)).startswith("-"):
        pass
    return fresh


def fresh_author_id() -> str:
    """Give an author id that is nobody's: 128 random bits, as `intake.guest_keys` makes them."""
    return secrets.token_urlsafe(AUTHOR_BYTES)


def fresh_secret(random_bytes: Callable[[int], bytes]) -> str:
    """Give 128 random bits as 26 lower-case letters and digits, which mail programs leave as they are."""
    return b32encode(random_bytes(16)).decode().rstrip("=").lower()
