"""A comment's place: a path of numbers that sorts as the thread is shown.

The path holds the numbers (`seq`) of a comment's ancestors and its own, six characters each.
Sorted byte for byte, comments stand depth first, replies oldest first. It has at most
`max_depth` numbers: a deeper reply stands beside the comment it answers, by time.
"""

from __future__ import annotations

from commentsvc.records import Place

SEGMENT = 6  # characters a number: 32⁶, a thousand million comments a thread
MAX_SEQ = 32**SEGMENT - 1
_DIGITS = "0123456789abcdefghijklmnopqrstuv"  # base 32 (RFC 4648 §7, extended hex): sorts as it counts


def place(seq: int, under: str, max_depth: int) -> Place:
    """Give the place of comment number *seq*, a reply to the one with path *under* ("" for a root)."""
    ancestors = under[: (max_depth - 1) * SEGMENT]
    path = ancestors + encode(seq)
    return Place(decode(path[:SEGMENT]), path, len(path) // SEGMENT - 1)


def ancestors(path: str) -> list[str]:
    """Give the paths of all comments that *path* stands under, the root first."""
    return [path[:end] for end in range(SEGMENT, len(path), SEGMENT)]


def encode(seq: int) -> str:
    """Write *seq* as six characters that sort as it counts.

    :raises OverflowError: the thread is full.
    """
    if not 0 <= seq <= MAX_SEQ:
        raise OverflowError(f"a thread has at most {MAX_SEQ} comments")
    return "".join(_DIGITS[(seq >> shift) & 31] for shift in range(5 * (SEGMENT - 1), -1, -5))


def decode(segment: str) -> int:
    """Read one number of a path."""
    return int(segment, 32)


FIRST = encode(1)
"""The path of a thread's first comment."""
