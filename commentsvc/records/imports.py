"""Imports, as storage gives them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from commentsvc.model import State


class StoredImport(NamedTuple):
    """An import; without `counts` it was killed, or runs still."""

    id: int
    site: str
    format: str
    file: str
    started_at: datetime
    finished_at: datetime | None
    undone_at: datetime | None
    counts: Mapping[str, Any] | None


class ImportedThread(NamedTuple):
    """A thread that an import made or described: `changes` has by column what that held before, and what was set."""

    thread_id: int
    created: bool
    changes: Mapping[str, Sequence[Any]]


class ImportedRow(NamedTuple):
    """A comment that an import brought; `untouched`: nobody decided about it, changed it or said anything to it."""

    id: int
    seq: int
    path: str
    parent_id: int | None
    state: State
    is_erased: bool
    untouched: bool
