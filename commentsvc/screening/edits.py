"""How much an edit changes: a person who read the text before has not read everything that it may become."""

from __future__ import annotations

from collections import Counter

from commentsvc.screening.judge import fold, links

PIECE = 3  # characters: long enough to tell words apart, short enough for scripts without spaces
ALIKE = 0.5  # of both texts together; below that most of it is another text


def is_rewritten(before: str, before_html: str, after: str, after_html: str) -> bool:
    """Whether an edit adds a link, or changes most of the text."""
    return bool(set(links(after_html)) - set(links(before_html))) or _likeness(before, after) < ALIKE


def _likeness(one: str, other: str) -> float:
    """The share of pieces that both have (Dice's coefficient, counting repeated ones), from 0 to 1."""
    pieces, others = _pieces(one), _pieces(other)
    return 2 * (pieces & others).total() / (pieces.total() + others.total())


def _pieces(text: str) -> Counter[str]:
    padded = f" {' '.join(fold(text).split())} "
    return Counter(padded[start : start + PIECE] for start in range(max(1, len(padded) - PIECE + 1)))
