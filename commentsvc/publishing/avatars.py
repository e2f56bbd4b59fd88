"""Avatars: initials and a hue, from the display name and nothing else."""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

HUES = 12  # few enough that two neighbours of the wheel can be told apart


@dataclass(frozen=True, slots=True)
class Avatar:
    """What is drawn for a name: one or two letters, on a hue in degrees."""

    initials: str
    hue: int


@lru_cache(maxsize=4096)  # people write often, and their names are public
def avatar_of(name: str) -> Avatar:
    """Give the avatar of that display name; the same name always has the same."""
    words = [word for word in name.split() if unicodedata.category(word[0])[0] in "LN"] or name.split()
    picked = [words[0]] if len(words) == 1 else [words[0], words[-1]]
    initials = "".join(word[0] for word in picked).upper()
    digest = hashlib.blake2s(name.encode(), digest_size=1).digest()
    return Avatar(initials, digest[0] % HUES * (360 // HUES))
