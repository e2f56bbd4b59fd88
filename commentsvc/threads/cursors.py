"""A cursor names the last comment of a page, sealed: it can neither be read nor forged.

Read, it would tell how many comments a thread has that nobody may see; forged, it would ask
for places that never were. The sealing is deterministic (AES-SIV, RFC 5297), so that the same
page always has the same bytes.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from contextlib import suppress

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from commentsvc.messages import message

LONGEST = 400  # characters; the longest that we make has 20 levels and 207


class BadCursor(ValueError):
    """The cursor was not made here for this list."""


def seal(position: str, listing: str, key: bytes) -> str:
    """Give *position* as a cursor that holds in *listing* (a thread and an order) alone."""
    sealed = AESSIV(key).encrypt(position.encode(), [listing.encode()])
    return _written(sealed)


def unseal(cursor: str, listing: str, key: bytes, longest: int = LONGEST) -> str:
    """Give the position that `seal` sealed for *listing*.

    :raises BadCursor: it is of another listing, cut, or not ours.
    """
    try:
        if len(cursor) > longest:
            raise ValueError
        sealed = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        if _written(sealed) != cursor:  # Base64 has more than one spelling of the same bytes
            raise ValueError
        return AESSIV(key).decrypt(sealed, [listing.encode()]).decode()
    except (ValueError, InvalidTag):
        raise BadCursor(
            message("This cursor does not belong to this list; begin again without one.")
        ) from None


def unseal_any(cursor: str, listing: str, keys: Sequence[bytes], longest: int = LONGEST) -> str:
    """Give the position that `seal` sealed for *listing* with one of *keys*.

    :raises BadCursor: as `unseal` does.
    """
    for key in keys[:-1]:
        with suppress(BadCursor):
            return unseal(cursor, listing, key, longest)
    return unseal(cursor, listing, keys[-1], longest)


def _written(sealed: bytes) -> str:
    return urlsafe_b64encode(sealed).decode().rstrip("=")
