"""Figures of decisions: what each decision adds to them, and how long comments waited. Pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from enum import StrEnum
from itertools import accumulate

from commentsvc.model import Action, State
from commentsvc.records import Earlier, Figure, JudgedComment

RULE = "rule"
EXACT_BITS = 6  # of a number of seconds: it is counted to within 1.6 %


class What(StrEnum):
    """What is counted."""

    DECISION = "decision"
    """By kind: the action of a person, or `rule`."""
    PERSON = "person"
    CAUGHT = "caught"
    """By check."""
    FALSE_ALARM = "false-alarm"
    """By check."""
    WAITED = "waited"
    """By seconds, rounded."""


def tally(
    judged: Iterable[JudgedComment], earlier: Mapping[str, Sequence[Earlier]]
) -> tuple[Counter[Figure], dict[str, str]]:
    """Count *judged* decisions, and give who is called what, by the opaque id.

    :param earlier: by the comment's public id, all decisions about it in the order in which they were made.
    """
    counted: Counter[Figure] = Counter()
    names: dict[str, str] = {}
    for one in judged:
        day = one.at.astimezone(UTC).date().isoformat()
        before = [line for line in earlier.get(one.comment, ()) if line.row_id < one.row_id]
        for what, name in _adds(one, before):
            counted[Figure(one.site_id, day, what, name)] += 1
        names[one.by] = one.by_name
    return counted, names


def _adds(one: JudgedComment, before: Sequence[Earlier]) -> Iterable[tuple[str, str]]:
    checks = [row["check"] for row in one.findings if row["outcome"] != "none" and not row["watching"]]
    if one.by == RULE:
        yield What.DECISION, RULE
        yield from ((What.CAUGHT, check) for check in checks)
        return
    yield What.DECISION, one.action
    yield What.PERSON, one.by
    if one.action == Action.APPROVE and before and before[-1].by == RULE:
        yield from ((What.FALSE_ALARM, check) for check in checks)
    if one.from_state is State.PENDING and one.undoes is None:
        began = next((line.at for line in reversed(before) if line.to_state is State.PENDING), one.posted_at)
        if began is not None:
            yield What.WAITED, str(rounded(max(0, int((one.at - began).total_seconds()))))


def rounded(seconds: int) -> int:
    """*seconds* with its first six binary digits alone, so that there are few different numbers to count."""
    more = max(0, seconds.bit_length() - EXACT_BITS)
    return seconds >> more << more


def quantile(waited: Mapping[int, int], share: float) -> int | None:
    """The seconds that *share* of those who waited did not exceed (nearest rank); None where nobody did.

    :param waited: how many waited, by seconds.
    """
    total = sum(waited.values())
    seconds = sorted(waited)
    reached = accumulate(waited[one] for one in seconds)
    return next((one for one, count in zip(seconds, reached, strict=True) if count >= share * total), None)
