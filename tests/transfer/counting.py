"""What a format gives of a small export."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from commentsvc.transfer import ForeignComment, ForeignThread
from commentsvc.transfer.format import Format
from commentsvc.transfer.sources import opened
from tests.transfer.counting_json import counted


@dataclass
class Reading:
    """What a format gave, and what it told besides."""

    threads: list[ForeignThread] = field(default_factory=list)
    comments: list[ForeignComment] = field(default_factory=list)
    told: list[tuple[str, int | None, str]] = field(default_factory=list)

    def counts(self) -> dict[str, Any]:
        """The counts that the contract calls `found`."""
        return counted([*self.threads, *self.comments])


def read(format_: Format, file: Path, scratch: Path, *, keep_going: bool = False) -> Reading:
    """Read *file* to its end.

    :raises Unreadable: that is not possible.
    """
    reading = Reading()
    source = opened(file, keep_going, lambda *what: reading.told.append(what), scratch)
    for record in format_.read(source):
        (reading.threads if isinstance(record, ForeignThread) else reading.comments).append(record)
    return reading
