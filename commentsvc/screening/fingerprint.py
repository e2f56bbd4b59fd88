"""How a text is known that comes again."""

from __future__ import annotations

import hashlib

from commentsvc.screening.words import comparable

BYTES = 16  # of BLAKE2b (RFC 7693): no two texts of one site have the same by chance


def fingerprint(plain: str) -> bytes:
    """Give the same for all texts that read the same: case, spaces and what cannot be seen apart."""
    return hashlib.blake2b(folded(plain).encode(), digest_size=BYTES).digest()


def folded(plain: str) -> str:
    """The letters of *plain* as they are compared."""
    return "".join(comparable(plain).casefold().split())
