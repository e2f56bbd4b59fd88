"""How much an edit changes: a person who read the text before has not read everything that it may become."""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import dataclass

from commentsvc.screening.rendered import rendered

PIECE = 3  # characters: long enough to tell words apart, short enough for scripts without spaces
MOST_COUNTED = 1_000_000  # pieces: more than any text has
ALIKE = 0.5  # of both texts together; below that most of it is another text


@dataclass(frozen=True, slots=True)
class Change:
    """What an edit changes: whether it `links` to what the text did not, and how many of the `pieces` of both texts,
    of which there are `total`, only one of them has."""

    links: bool
    pieces: int
    total: int

    def rewrites(self, changed_before: int) -> bool:
        """Whether it adds a link, or it and the edits before it, which changed so many pieces, may have changed most of the text.

        What several edits change is no more than the sum of what each does, so that small steps go no further than one large one.
        """
        return self.links or 1 - (changed_before + self.pieces) / self.total < ALIKE

    def since_read(self, changed_before: int) -> int:
        """How many pieces changed with this edit, as it is stored."""
        return min(changed_before + self.pieces, MOST_COUNTED)


def change(before: str, after: str) -> Change:
    """What an edit changes; both texts are given as HTML."""
    old, new = rendered(before), rendered(after)
    pieces, others = _pieces(old.text), _pieces(new.text)
    total = pieces.total() + others.total()
    return Change(bool(set(new.links) - set(old.links)), total - 2 * (pieces & others).total(), total)


def _pieces(text: str) -> Counter[str]:
    padded = f" {' '.join(unicodedata.normalize('NFKC', text).casefold().split())} "
    return Counter(padded[start : start + PIECE] for start in range(max(1, len(padded) - PIECE + 1)))
