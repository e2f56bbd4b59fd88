"""Figures of the moderators' work."""

from __future__ import annotations

from msgspec import Struct


class Waiting(Struct, frozen=True):
    """How long comments waited for a person's decision, in seconds; None where none was decided."""

    median_seconds: int | None
    p95_seconds: int | None


class PersonFigure(Struct, frozen=True):
    """How often a person or an API token decided."""

    by: str
    by_name: str
    decisions: int


class CheckFigure(Struct, frozen=True):
    """How many comments a check kept from being public, and how many of what it kept a person then approved."""

    check: str
    caught: int
    false_alarms: int


class DayFigure(Struct, frozen=True):
    """The comments that were posted on a day (UTC), and how many of them are in each state now; the others wait.

    What was erased counts as posted, and as trash.
    """

    day: str
    posted: int
    approved: int
    spam: int
    trash: int

    @property
    def pending(self) -> int:
        """How many of them wait."""
        return self.posted - self.approved - self.spam - self.trash


class YearFigure(Struct, frozen=True):
    """How many decisions of a kind there were in a year: an action of a person's, or `rule`."""

    year: int
    kind: str
    decisions: int


class ModerationFigures(Struct, frozen=True):
    """Figures of the last *days* days, today included; `by_year` is of all years."""

    days: int
    waiting: Waiting
    by_person: list[PersonFigure]
    by_check: list[CheckFigure]
    by_day: list[DayFigure]
    by_year: list[YearFigure]
