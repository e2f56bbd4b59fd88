"""What a run found, as it is kept: every round's raw numbers, and the rows that are made of them."""

from __future__ import annotations

from pathlib import Path
from statistics import median

import msgspec
from msgspec import Struct


class Measured(Struct):
    """One thing, measured once a round."""

    unit: str
    rounds: list[float]

    def middle(self) -> float:
        """The median over the rounds."""
        return median(self.rounds)


class Row(Struct):
    """One line of the table: two of the measured, as a ratio in each round."""

    what: str
    against: str
    ours: str
    theirs: str
    ratios: list[float]
    target: float | None
    at_least: bool

    def ratio(self) -> float:
        """The median of the rounds' ratios."""
        return median(self.ratios)

    def reached(self) -> bool | None:
        """Whether the target is; None where there is none."""
        if self.target is None:
            return None
        return self.ratio() >= self.target if self.at_least else self.ratio() <= self.target


class Tail(Struct):
    """How long posts took while many were posted at once; times in seconds."""

    posts: int
    median: float
    percentile_99: float
    longest: float
    fewest_of_a_poster: int
    most_of_a_poster: int


class Steps(Struct):
    """Where the time of one kind of request goes, in microseconds."""

    whole: float
    """Under load, on one core: the server's part included."""

    steps: dict[str, float]
    samples: int


class Results(Struct):
    """One run."""

    date: str
    quick: bool
    machine: dict[str, str]
    versions: dict[str, str]
    sizes: dict[str, int]
    facts: dict[str, float]
    """Single numbers that the page tells: bytes, processes, the quality of Brotli."""

    measured: dict[str, Measured]
    rows: list[Row]
    glances: dict[str, list[float]]
    """By order: milliseconds of pages evenly spread over the longest thread."""

    tails: dict[str, Tail]
    steps: dict[str, Steps]
    waiting: list[Row] = []
    """Pages of the moderators' queue where very many wait, against where few do."""


def save(results: Results, file: Path) -> None:
    """Write them as indented JSON."""
    file.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=1) + b"\n")


def read(file: Path) -> Results:
    """Give what `save` wrote.

    :raises msgspec.ValidationError: the file is of another version of this program.
    """
    return msgspec.json.decode(file.read_bytes(), type=Results)
