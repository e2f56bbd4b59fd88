"""Long work, and how far it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class JobState(StrEnum):
    """How far a job is; the last three are its ends."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Job:
    """Long work that is done in steps.

    `arguments` say what was asked for, and stay; `cursor` says where the next step begins. `done` and `total`
    count what the kind of job counts; `failures` counts those since the last step that went well. At `due_at`
    any runner may take it: of a job that is running, that is the end of its runner's lease.
    """

    id: int
    public_id: str
    kind: str
    state: JobState
    arguments: Mapping[str, Any]
    cursor: Mapping[str, Any]
    done: int
    total: int | None
    failures: int
    due_at: datetime
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    error: str | None


@dataclass(frozen=True, slots=True)
class JobStep:
    """What one step came to: how many more are done, where the next begins, and whether there is none."""

    done: int
    cursor: Mapping[str, Any]
    finished: bool
