"""Which passwords will do (NIST SP 800-63B §5.1.1.2): long ones that are neither common nor about the site."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from commentsvc.messages import message

SHORTEST_PASSWORD = 10  # characters
LONGEST_PASSWORD = 1000  # so that hashing one stays cheap
SHORTEST_WORD = 4  # characters: shorter words stand in any good password by chance
LEAST_OF_ITS_OWN = 6  # characters besides a known word: a year and two signs are not enough

COMMON = Path(__file__).with_name("common_passwords.txt")
OWN_WORDS = ("comment", "comments", "commentsvc", "moderation", "moderator", "password")


def check(password: str, words: Iterable[str]) -> None:
    """Let a password pass that nobody guesses soon.

    :param words: what stands for the site and the person: slugs, hosts, names, the address.
    :raises ValueError: it will not do; the text says why.
    """
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise ValueError(
            message(
                "A password has %(shortest)s to %(longest)s characters.",
                shortest=SHORTEST_PASSWORD,
                longest=LONGEST_PASSWORD,
            )
        )
    folded = fold(password)
    if _is_common(folded):
        raise ValueError(message("This password is among the most common ones. Please choose another."))
    if _is_about(folded, words):
        raise ValueError(
            message("This password is made of the site's or your own name. Please choose another.")
        )


def fold(text: str) -> str:
    """Give *text* as it is compared: NFKC, case folded, without blanks at its ends."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).strip()


def _is_common(folded: str) -> bool:
    """Whether it is a common password, or one with a few signs around it, such as `monkey2026!`."""
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", folded)
    repeated = len(set(folded)) == 1
    return (
        repeated or folded in _common() or (core in _common() and len(folded) - len(core) < LEAST_OF_ITS_OWN)
    )


def _is_about(folded: str, words: Iterable[str]) -> bool:
    """Whether little is left of it without the *words* that anybody knows of this site and this person."""
    parts = {part for word in (*words, *OWN_WORDS) for part in re.split(r"[\W_]+", fold(word))}
    easy = sorted((part for part in parts if len(part) >= SHORTEST_WORD), key=len, reverse=True)
    rest = folded
    for word in easy:
        rest = rest.replace(word, "")
    return rest != folded and len(rest) < LEAST_OF_ITS_OWN


@cache
def _common() -> frozenset[str]:
    """Read once a password is set, which is seldom: those who only serve readers need not hold them."""
    return frozenset(COMMON.read_text(encoding="utf-8").split("\n"))
