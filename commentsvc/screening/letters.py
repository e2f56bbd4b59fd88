"""Which letters read as which: in any case, with marks or without, and as look-alikes do (UTS #39)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from string import ascii_letters, ascii_lowercase, ascii_uppercase

import regex

# Marks that a word is the same word without: accents, points and what is drawn over a letter, known by
# their combining classes. The classes of nuktas (7), voicing (8), viramas (9), and of the vowel signs and
# tones of India and Southeast Asia (0, 84 to 132) are left out: those are letters in all but name.
_CLASSES = (1, *range(10, 37), 200, 202, 214, 216, 218, 220, 222, 224, 226, 228, 230, 232, 233, 234, 240)
_CLASS = "".join(rf"\p{{ccc={number}}}" for number in _CLASSES)
# Not the breve of й, which Russian reads as another letter than и. To ask for \p{M} first is quicker.
_MARK = rf"(?:(?=\p{{M}})[\p{{Me}}{_CLASS}](?<![иИ]\u0306))"
_MARKS = regex.compile(rf"{_MARK}+")
_LETTER = regex.compile(rf"(?s)(.)({_MARK}*)")

_SMALL_CAPITALS = {
    unicodedata.lookup(f"LATIN LETTER SMALL CAPITAL {letter}"): letter
    for letter in ascii_uppercase
    if letter not in "QSX"
} | {"ꞯ": "Q", "ꜱ": "S"}
# Letters of the alphabet in other shapes that NFKC leaves alone.
SHAPED = str.maketrans(
    {"æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE"}
    | _SMALL_CAPITALS
    | {
        unicodedata.lookup(f"NEGATIVE {shape} LATIN CAPITAL LETTER {letter}"): letter
        for letter in ascii_uppercase
        for shape in ("CIRCLED", "SQUARED")
    }
)


def _lookalikes() -> dict[str, str]:
    lines = files("commentsvc.screening").joinpath("lookalikes.txt").read_text("utf-8").splitlines()
    lookalikes = dict(line.split(" ") for line in lines if not line.startswith("#"))
    lookalikes = {letter: _ALSO.get(seen, seen) for letter, seen in lookalikes.items()}
    for letter in lookalikes.keys() & {letter.upper() for letter in lookalikes}:
        small = lookalikes.get(letter.lower(), "")
        # Like the capital І, which the table takes for an l, as Unicode does with our I.
        if len(letter.lower()) == 1 and letter.lower() != letter and small in ascii_letters and small:
            lookalikes[letter] = small.upper()
    return lookalikes


# The table leaves alone what no other letter looks more like; in most typefaces κ and к are a k.
_ALSO = {"ĸ": "k"}
_LOOKS = _lookalikes()
# What a letter passes for within a word of the Latin alphabet alone: "тramadol", but never "нам".
_PASSES = _SMALL_CAPITALS | {"ʍ": "M"}


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter of a word: folded without marks, folded with them where both are one letter, and as typed."""

    plain: str
    spelt: str
    typed: str

    def reads_as(self, meant: Letter, *, among_latin: bool) -> bool:
        """Whether a reader takes this letter for *meant*.

        :param among_latin: letters of ASCII stand in the same word.
        """
        if self.plain == meant.plain:
            # "các" is no "cặc", though "cac" may be either.
            return self.spelt == meant.spelt or self.plain in (self.spelt, meant.spelt)
        if self.typed.isascii() and meant.typed.isascii():
            return False
        seen = _looks_like(self.typed)
        looks = {seen, _PASSES.get(seen, seen)} if among_latin else {seen}
        return not looks.isdisjoint({_looks_like(meant.plain), _looks_like(meant.plain.upper())})


@lru_cache(maxsize=4096)  # asked of words alone that have the shape of a blocked one
def letters_of(word: str) -> tuple[Letter, ...]:
    """The letters of *word*, which is in NFKC."""
    return tuple(_letters(unicodedata.normalize("NFD", word)))


def _letters(decomposed: str) -> Iterator[Letter]:
    for typed, marks in _LETTER.findall(decomposed):
        folded = typed.casefold()
        spelt = unicodedata.normalize("NFC", folded + marks)
        for plain in folded:
            yield Letter(plain, spelt if len(folded) == len(spelt) == 1 else plain, typed)


def shape(word: str) -> str:
    """Give *word*, which is in NFKC, as it is given for all that could read as it, and for others too."""
    folded = word.casefold()
    if folded.isascii():
        return folded
    bare: str = _MARKS.sub("", unicodedata.normalize("NFD", folded))
    # Few letters of a text have another shape; `translate` would raise and catch an error for each other one.
    for letter in _SHAPES.keys() & set(bare):
        bare = bare.replace(letter, _SHAPES[letter])
    return bare


def _looks_like(letter: str) -> str:
    return _LOOKS.get(letter, letter)


def _shapes() -> dict[str, str]:
    """For each folded letter, one of the letters that look alike in one case or the other."""
    heads: dict[str, str] = {}

    def head(letter: str) -> str:
        while letter in heads:
            letter = heads[letter]
        return letter

    def join(one: str, other: str) -> None:
        # Small letters of ASCII stand for themselves, so that a text of them needs no table.
        first, second = sorted({head(one), head(other)}, key=lambda c: (c not in ascii_lowercase, c))
        heads[second] = first

    for letter, seen in [*_LOOKS.items(), *_PASSES.items()]:
        for one, other in ((letter, seen), (letter, letter.casefold()), (seen, seen.casefold())):
            if len(other) == 1 and head(one) != head(other):
                join(one, other)
    return {letter: head(letter) for letter in heads if letter == letter.casefold()}


_SHAPES = _shapes()
