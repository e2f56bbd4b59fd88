"""How much an edit changes: a person who read the text before has not read everything that it may become."""

from __future__ import annotations

import unicodedata
from collections import Counter

from commentsvc.screening.rendered import rendered

PIECE = 3  # characters: long enough to tell words apart, short enough for scripts without spaces
ALIKE = 0.5  # of both texts together; below that most of it is another text


def is_rewritten(before: str, after: str) -> bool:
    """Whether an edit adds a link, or changes most of the text; both are given as HTML."""
    old, new = rendered(before), rendered(after)
    return bool(set(new.links) - set(old.links)) or _likeness(old.text, new.text) < ALIKE


def _likeness(one: str, other: str) -> float:
    """The share of pieces that both have (Dice's coefficient, counting repeated ones), from 0 to 1."""
    pieces, others = _pieces(one), _pieces(other)
    return 2 * (pieces & others).total() / (pieces.total() + others.total())


def _pieces(text: str) -> Counter[str]:
    padded = f" {' '.join(unicodedata.normalize('NFKC', text).casefold().split())} "
    return Counter(padded[start : start + PIECE] for start in range(max(1, len(padded) - PIECE + 1)))
