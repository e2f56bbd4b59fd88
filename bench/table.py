"""The table: what is compared with what, and which ratio is wanted.

A line names two measurements (see `measure.py`); its figure is the median over the rounds of their
ratio in the same round.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bench import waiting
from bench.results import Measured, Row
from bench.sizes import COUNTED, PAGE, POSTERS, STREAM

KINDS = {"json": "JSON", "fragment": "fragment"}
CODINGS = {"br": "Brotli", "identity": "not compressed"}
LENGTHS = (100, 1000)


@dataclass(frozen=True, slots=True)
class Line:
    """One line: the names of two measurements, and the least or the most that their ratio should be."""

    what: str
    against: str
    ours: str
    theirs: str
    least: float | None = None
    most: float | None = None

    def row(self, measured: Mapping[str, Measured]) -> Row:
        """The line with its figures."""
        pairs = zip(measured[self.ours].rounds, measured[self.theirs].rounds, strict=True)
        target = self.most if self.least is None else self.least
        return Row(
            what=self.what,
            against=self.against,
            ours=self.ours,
            theirs=self.theirs,
            ratios=[one / other for one, other in pairs],
            target=target,
            at_least=self.most is None,
        )


def answer_name(kind: str, length: int, coding: str) -> str:
    """The name of one representation of a thread, for files and measurements."""
    return f"{kind}-{length}-{coding}"


def answer_names() -> Iterator[tuple[str, str, int, str]]:
    """All of them, each with its kind, length and coding."""
    for length in LENGTHS:
        for kind in KINDS:
            for coding in CODINGS:
                yield answer_name(kind, length, coding), kind, length, coding


def _hot() -> Iterator[Line]:
    """Targets are for 100 comments. Of 1,000 a page holds 200; beside Isso all its pages are read."""
    for name, kind, length, coding in answer_names():
        aimed = length == LENGTHS[0]
        what = f"hot read, {length:,} comments, {KINDS[kind]}, {CODINGS[coding]}"
        yield Line(
            what, "bare WSGI, same bytes, same server", f"hot {name}", f"bare {name}", 0.90 if aimed else None
        )
        yield Line(
            what, "nginx, same bytes as a file", f"hot {name}", f"nginx {name}", 0.55 if aimed else None
        )
        ours = f"hot {name}" if aimed else f"whole {name}"
        yield Line(what, "Isso, the whole thread", ours, f"isso {length}", 1000 if aimed else None)


_JSON = answer_name("json", 100, "br")
_BARE = answer_name("json", 100, "identity")

LINES = (
    *_hot(),
    Line(
        "hot read, 100 comments, JSON, Brotli",
        "bare WSGI with no header but the body's three",
        f"hot {_JSON}",
        f"bare {_JSON}.plain",
    ),
    Line("hot read, spread at random over many threads of 100", "of one thread", "spread", "not spread", 0.8),
    Line("304", "hot 200 of the same thread", "304", f"hot {_JSON}", 1.0),
    Line(
        "bytes of 100 comments, JSON in Brotli",
        "Isso's with the same comments, in Brotli",
        "bytes",
        "isso bytes",
        most=1.0,
    ),
    Line("miss, 100 comments, JSON", "the smallest Flask route", "miss identity", "flask identity", 0.15),
    Line("miss, 100 comments, JSON, Brotli", "the smallest Flask route", "miss br", "flask br"),
    Line(
        f"first page of {PAGE}, miss, of the longest thread (time)",
        "of a thread of 100 in a small database",
        "first page of the longest",
        "first page of 100",
        most=1.3,
    ),
    Line(
        "any page of the longest thread, miss: the slowest (time)",
        "the first",
        "slowest page of the longest",
        "first page of the longest",
        most=1.5,
    ),
    Line(
        f"counts of {COUNTED} articles among all threads (time)",
        f"of {COUNTED} among {COUNTED}",
        "counts among many",
        "counts among few",
        most=1.3,
    ),
    Line(
        f"posts, {POSTERS} posters, one process, durable",
        "bare one-row durable commits in the same database",
        "posts",
        "commits",
        0.15,
    ),
    Line(f"posts, {POSTERS} posters", "Isso's posts", "posts", "isso posts", 3),
    Line(
        f"reading while {STREAM} posts a second stream into the same thread",
        "reading alone",
        "reading, a stream of posts",
        "reading alone",
        0.8,
    ),
    Line(
        f"reading while {POSTERS} posters post to other threads as fast as they can",
        "reading alone",
        "reading, posters at full speed",
        "reading alone",
    ),
    Line(
        "resident memory after many reads",
        "Isso's, as its documentation runs it",
        "memory",
        "isso memory",
        most=1.0,
    ),
)


WAITING_LINES = tuple(
    Line(
        what,
        database,
        waiting.measurement(database, waiting.MANY, what),
        waiting.measurement(database, waiting.FEW, what),
        most=5 if what in waiting.NOTHING_FOUND else 1.5,
    )
    for database in waiting.DATABASES
    for what in waiting.PAGES
)


def rows(measured: Mapping[str, Measured]) -> list[Row]:
    """The whole table."""
    return [line.row(measured) for line in LINES]


def waiting_rows(measured: Mapping[str, Measured]) -> list[Row]:
    """The table of the moderators' queue."""
    return [line.row(measured) for line in WAITING_LINES]


def names() -> set[str]:
    """All measurements that the tables need."""
    return {name for line in (*LINES, *WAITING_LINES) for name in (line.ours, line.theirs)}


def printed(table: Iterable[Row], measured: Mapping[str, Measured]) -> str:
    """The table as text for a terminal."""
    lines = []
    for row in table:
        sides = " against ".join(value_of(measured[name]) for name in (row.ours, row.theirs))
        lines.append(
            f"{verdict(row):7} {figure(row.ratio()):>7} ({figure(min(row.ratios))} to {figure(max(row.ratios))})"
            f"{'  ' + wanted(row) if row.target is not None else '':10} {row.what} / {row.against}: {sides}"
        )
    return "\n".join(lines)


def verdict(row: Row) -> str:
    """Whether the target was reached, as a word; a dash where there is none."""
    return {True: "reached", False: "MISSED", None: "–"}[row.reached()]


def wanted(row: Row) -> str:
    """The target, as the table shows it."""
    if row.target is None:
        return "–"
    return f"{'≥' if row.at_least else '≤'} {figure(row.target)}"


def figure(value: float) -> str:
    """A ratio, with as many digits as say something."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def value_of(measured: Measured) -> str:
    """What was measured, with its unit."""
    middle = measured.middle()
    shown = f"{middle:,.0f}" if middle >= 100 else f"{middle:.3g}"
    return f"{shown} {measured.unit}"
