"""Imports, as storage gives them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple


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
    """A thread that an import made or described; `before` has what its columns held that were set."""

    thread_id: int
    created: bool
    before: Mapping[str, Any]


class ImportedRow(NamedTuple):
    """A comment that an import brought; `untouched`: it is as it came, and nothing hangs on it but other comments."""

    id: int
    thread_id: int
    parent_id: int | None
    untouched: bool
