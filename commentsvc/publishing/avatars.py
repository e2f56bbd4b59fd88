"""Avatars: initials and a hue, from the display name and nothing else."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache

from commentsvc.unicode_text import graphemes, is_letter_or_number, is_visible

HUES = 12  # few enough that two neighbours of the wheel can be told apart


@dataclass(frozen=True, slots=True)
class Avatar:
    """What is drawn for a name: one or two characters as people count them, on a hue in degrees."""

    initials: str
    hue: int


@lru_cache(maxsize=4096)  # people write often, and their names are public
def avatar_of(name: str) -> Avatar:
    """Give the avatar of that display name; the same name always has the same."""
    # What precedes a letter, as Arabic number signs do, is one character with it, and not seen by itself.
    seen = [[one for one in graphemes(word) if any(map(is_visible, one))] for word in name.split()]
    letters = [[one for one in word if is_letter_or_number(next(filter(is_visible, one)))] for word in seen]
    firsts = [word[0] for word in letters if word] or [word[0] for word in seen if word]
    picked = firsts if len(firsts) < 2 else [firsts[0], firsts[-1]]
    initials = "".join(map(_capital, picked))
    digest = hashlib.blake2s(name.encode(), digest_size=1).digest()
    return Avatar(initials, digest[0] % HUES * (360 // HUES))


def _capital(grapheme: str) -> str:
    upper = grapheme.upper()
    return upper if len(upper) == len(grapheme) else grapheme  # "ß" would become two letters
