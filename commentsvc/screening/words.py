"""Blocked words, found as a reader finds them: however they are typed, and never within other words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from string import ascii_letters

import regex

from commentsvc.screening.letters import SHAPED, Letter, letters_of, shape
from commentsvc.unicode_text import IGNORABLE

# Scripts that are written without spaces: a word has no bounds there that could be seen.
UNSPACED = (
    r"[[\p{scx=Hani}\p{scx=Hira}\p{scx=Kana}\p{scx=Bopo}\p{Thai}\p{Lao}\p{Khmr}\p{Mymr}"
    r"\p{Tibt}\p{Tale}\p{Talu}\p{Lana}\p{Tavt}]&&\p{L}]"
)
_HANGUL = r"\p{Hangul}"
_IN_WORD = rf"[[\p{{L}}\p{{M}}\p{{N}}_]--{UNSPACED}--{_HANGUL}]"
# Korean hangs particles on a word, so a word there begins somewhere (an empty piece), and ends anywhere.
_PIECE = regex.compile(
    rf"(?V1s)(?<!{_HANGUL}\p{{M}}*)(?={_HANGUL})|(?:{_HANGUL}|{UNSPACED})\p{{M}}*|{_IN_WORD}+|."
)
_ASCII_PIECE = re.compile(r"\w+|.")
_SPACES = re.compile(r"\s+")
_BROKEN_LINE = regex.compile(rf"(?V1)(?<={UNSPACED}\p{{M}}*)[^\S\n]*\n[^\S\n]*(?={UNSPACED})")
# A mark that is drawn across or around letters is never spelling; nor are stretched Arabic letters.
_UNREAD = regex.compile(
    rf"[{IGNORABLE}\p{{ccc=1}}\p{{Me}}\u0640\u07fa\u180a]|(?<![\p{{L}}\p{{M}}\p{{N}}])\p{{M}}+"
)
_RAISED = regex.compile(r"[²³¹⁰⁴-⁹™℠]")
_BETWEEN = "\n"  # no piece holds one, as white space is a blank by then


def comparable(text: str) -> str:
    """Give *text* as it is read, for comparing alone (UAX #15, NFKC): without what cannot be seen."""
    if not text.isascii():
        text = _UNREAD.sub("", _RAISED.sub(r" \g<0>", text))  # "Casino™" is no "casinotm"
        text = _UNREAD.sub("", unicodedata.normalize("NFKC", text)).translate(SHAPED)
        text = _BROKEN_LINE.sub("", text)
    return _SPACES.sub(" ", text)


class Passage:
    """A text made ready for looking for words: its pieces, and their shapes in one line."""

    def __init__(self, text: str) -> None:
        text = comparable(text)
        self.pieces: list[str] = (_ASCII_PIECE if text.isascii() else _PIECE).findall(text)
        self.line = shape(_BETWEEN + "".join(piece + _BETWEEN for piece in self.pieces))
        self.shapes = frozenset(self._shapes())

    @cached_property
    def pairs(self) -> frozenset[tuple[str, str]]:
        """The shapes that stand side by side; those of scripts without spaces are too few to tell texts by."""
        return frozenset(pairwise(self._shapes()))

    def _shapes(self) -> list[str]:
        return self.line.split(_BETWEEN)[1:-1]

    def may_hold(self, phrase: Passage) -> bool:
        """Whether it has all pieces of *phrase*, which is quick to see of most that it does not hold."""
        if not phrase.pieces or not phrase.shapes <= self.shapes:
            return False
        return len(phrase.pieces) == 1 or phrase.pairs <= self.pairs


@dataclass(frozen=True, slots=True)
class _Phrase:
    value: str
    passage: Passage
    letters: tuple[Sequence[Letter], ...]

    def is_in(self, passage: Passage) -> bool:
        return passage.may_hold(self.passage) and any(
            all(map(_reads_as, passage.pieces[first : first + len(self.letters)], self.letters))
            for first in _places(self.passage.line, passage.line)
        )


@lru_cache(maxsize=8192)  # blocks stay for many comments
def _phrase(value: str) -> _Phrase:
    passage = Passage(value.strip())
    return _Phrase(value, passage, tuple(map(letters_of, passage.pieces)))


class Words:
    """Blocked words and phrases, made ready for looking for all of them at once."""

    def __init__(self, values: Iterable[str]) -> None:
        self._phrases = [_phrase(value) for value in values]

    def found_in(self, passage: Passage) -> frozenset[str]:
        """Those of them that a reader of *passage* sees there."""
        return frozenset(phrase.value for phrase in self._phrases if phrase.is_in(passage))


def _places(sought: str, line: str) -> Iterator[int]:
    """The numbers of the pieces in *line* at which *sought* begins."""
    number, before, at = 0, 0, line.find(sought)
    while at >= 0:
        number += line.count(_BETWEEN, before, at)
        yield number
        before, at = at, line.find(sought, at + 1)


def _reads_as(piece: str, meant: Sequence[Letter]) -> bool:
    seen = letters_of(piece)
    among_latin = any(character in ascii_letters for character in piece)
    return len(seen) == len(meant) and all(
        one.reads_as(other, among_latin=among_latin) for one, other in zip(seen, meant, strict=True)
    )
