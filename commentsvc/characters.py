"""What Unicode knows of characters and we need: which can be seen, and which do harm."""

from __future__ import annotations

import unicodedata
from itertools import groupby

import idna
import regex

_DEFAULT_IGNORABLE = regex.compile(r"\p{Default_Ignorable_Code_Point}")

# They draw nothing, though Unicode counts them as letters or symbols.
_BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")

# Embeddings, overrides and isolates (UAX #9) turn round the text that follows; the marks
# U+200E, U+200F and U+061C turn nothing and are common in names.
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def is_visible(character: str) -> bool:
    """Whether *character* draws something by itself: no space, control, format, mark or blank letter."""
    return unicodedata.category(character)[0] not in "CZM" and character not in _BLANK_LETTERS


def without_default_ignorables(text: str) -> str:
    """*text* without what is shown as nothing where a font has no use for it (Unicode §5.21)."""
    return text if text.isascii() else _DEFAULT_IGNORABLE.sub("", text)


def is_far_longer(raw: str, most: int) -> bool:
    """Whether *raw* has more than *most* characters, however it is normalised.

    To be asked before a text from outside is normalised: that sorts runs of combining marks in
    quadratic time, 15 s for 90,000. NFC makes at most four characters into one.
    """
    return len(raw) > 4 * most


def longest_run_of_marks(text: str) -> int:
    """How many combining marks follow each other at the most."""
    runs = groupby(text, key=lambda character: unicodedata.combining(character) != 0)
    return max((len(list(run)) for combining, run in runs if combining), default=0)


def has_surrogate(text: str) -> bool:
    """Whether *text* holds an unpaired surrogate, which no encoding can carry."""
    return any("\ud800" <= character <= "\udfff" for character in text)


def is_noncharacter(character: str) -> bool:
    """Whether *character* is one of the 66 code points that never will be one (Unicode §23.7)."""
    code = ord(character)
    return 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE


def is_line(text: str) -> bool:
    """Whether *text* can stand in one line as it is: it breaks none, controls none, turns none.

    `str.isprintable` would refuse the joiners that Persian and Hindi are spelt with, and French spaces.
    """
    return not any(
        unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}
        or character in TURNING
        or is_noncharacter(character)
        for character in text
    )


def ascii_host(host: str) -> str:
    """Give a host name as it is compared: lower case, in its ASCII form (UTS 46) where it has one."""
    try:
        return idna.encode(host, uts46=True, std3_rules=False).decode()
    except UnicodeError:  # what idna raises, too: a label that no registry would take
        return host.lower()
