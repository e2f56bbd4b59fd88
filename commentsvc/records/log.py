"""The audit log, and what is counted from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from commentsvc.model import (
    State,
)


class ChainEnds(NamedTuple):
    """The newest entry of the audit log's chain, and the newest that went from its beginning, at `gone_at`."""

    position: int
    hash: str
    gone_position: int
    gone_hash: str
    gone_at: datetime | None


class LogLine(NamedTuple):
    """A line of the audit log. `content` is what its hash is made of; `reason` and `salt` lie beside that."""

    row_id: int
    position: int | None
    hash: str | None
    content: dict[str, Any]
    is_decision: bool
    reason: str | None
    salt: str | None


class JudgedComment(NamedTuple):
    """A decision with what figures are made of: `findings` and `posted_at` are those of its comment."""

    row_id: int
    position: int
    site_id: int
    comment: str
    at: datetime
    by: str
    by_name: str
    action: str
    from_state: State | None
    undoes: str | None
    findings: Sequence[Mapping[str, Any]]
    posted_at: datetime | None


class Earlier(NamedTuple):
    """A decision about a comment, as far as figures ask for it."""

    row_id: int
    at: datetime
    by: str
    to_state: State | None


class Figure(NamedTuple):
    """What a number is of: a site, a day (`2026-11-24`, UTC), what is counted, and by what it is told apart."""

    site_id: int
    day: str
    what: str
    name: str
