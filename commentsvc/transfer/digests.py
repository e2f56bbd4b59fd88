"""What an export calls a comment, as a hash of a few bytes."""

from __future__ import annotations

from hashlib import blake2b

THREAD_BYTES = 4
COMMENT_BYTES = 12


def digest_of(format_name: str, thread: str, key: str, posted: str) -> bytes:
    """Name a comment by its format, the link or key of its thread, its own key and its time.

    The time tells apart what two installations of one system number alike. It begins alike for all of a thread: so
    they stand together in their index, and come one after the other.
    """
    return _hash(THREAD_BYTES, format_name, thread) + _hash(COMMENT_BYTES, format_name, thread, key, posted)


def _hash(size: int, *words: str) -> bytes:
    return blake2b("\0".join(words).encode(errors="replace"), digest_size=size).digest()
