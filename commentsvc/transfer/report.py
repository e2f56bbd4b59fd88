"""What an import says of itself: a count of everything, and line by line what did not come as it was."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

COLUMNS = ("line", "thread", "comment", "what", "reason")
BEGINNING = ",".join(COLUMNS).encode()  # of a file that a report may take the place of
PREVIEWS = 20
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(slots=True)
class Report:
    """The counts of an import; `lines` is where each of what was skipped or altered is written."""

    format: str
    dry_run: bool
    lines: Lines
    number: int | None = None
    found: Mapping[str, int | None] = field(default_factory=dict)
    added: int = 0
    already: int = 0
    skipped_by: dict[str, int] = field(default_factory=dict)
    threads_added: int = 0
    altered_by: Counter[str] = field(default_factory=Counter)
    articles: list[dict[str, str]] = field(default_factory=list)
    collisions: list[dict[str, Any]] = field(default_factory=list)
    settings: list[str] = field(default_factory=list)

    @property
    def skipped(self) -> int:
        """How many comments did not come."""
        return sum(self.skipped_by.values())

    def alter(self, what: str, line: int | None, thread: str, comment: str, reason: str) -> None:
        """Take note that something was changed or dropped."""
        self.altered_by[what] += 1
        self.lines.write(line, thread, comment, what, reason)

    def told(self, what: str, line: int | None, reason: str) -> None:
        """Take note of what a reader altered."""
        self.alter(what, line, "", "", reason)

    def as_json(self) -> dict[str, Any]:
        """The report as one object."""
        return {
            "import": self.number,
            "format": self.format,
            "found": dict(self.found),
            "added": self.added,
            "already": self.already,
            "skipped": self.skipped,
            "skipped_by": self.skipped_by,
            "threads_added": self.threads_added,
            "altered_by": dict(sorted(self.altered_by.items())),
            "dry_run": self.dry_run,
            "articles": self.articles,
            "collisions": self.collisions,
            "settings": self.settings,
        }


class Lines:
    """The file of `--report`, or nowhere."""

    def __init__(self, file: TextIO | None) -> None:
        self._writer = None if file is None else csv.writer(file)
        if self._writer is not None:
            self._writer.writerow(COLUMNS)

    def write(self, line: int | None, thread: str | None, comment: str, what: str, reason: str) -> None:
        """Add a line."""
        if self._writer is not None:
            row = ("" if line is None else str(line), thread or "", comment, what, reason)
            self._writer.writerow([_as_text(value) for value in row])


@contextmanager
def lines_in(file: Path | None) -> Iterator[Lines]:
    """Give what writes the lines of a report into *file*, if there is one.

    :raises OSError: it cannot be written.
    """
    if file is None:
        yield Lines(None)
        return
    with file.open("w", encoding="utf-8", newline="") as opened:
        yield Lines(opened)


def _as_text(value: str) -> str:
    """*value* as a spreadsheet shows it: what looks like a formula would be one."""
    return "'" + value if value.startswith(_FORMULA) else value
