"""What an export calls a comment, as a hash of a few bytes."""

from __future__ import annotations

from hashlib import blake2b

DIGEST_BYTES = 16


def digest_of(format_name: str, thread: str, key: str, posted: str) -> bytes:
    """Name a comment by its format, the link or key of its thread, its own key and its time.

    The time tells apart what two installations of one system number alike.
    """
    said = "\0".join((format_name, thread, key, posted))
    return blake2b(said.encode(errors="replace"), digest_size=DIGEST_BYTES).digest()
