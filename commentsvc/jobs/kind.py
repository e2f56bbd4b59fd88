"""What a kind of job has to say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Protocol

from commentsvc.model import Job, JobStep
from commentsvc.service import Service
from commentsvc.storage.unit_of_work import UnitOfWork

Arguments = Mapping[str, Any]
Store = Callable[[UnitOfWork], JobStep]
"""Writes one step, within a transaction that also stores how far the job is. It may be called again."""


class Kind(Protocol):
    """One kind of long work."""

    @property
    def name(self) -> str:
        """What it is called, on the command line too; at most 32 characters."""

    @property
    def every(self) -> timedelta | None:
        """How long after its end it is due again; None where it is done once."""

    def arguments(self, service: Service) -> Arguments:
        """What this service, and this version of the program, would be asked for. Of the same there is one job at a time."""

    def is_needed(self, service: Service) -> bool:
        """Whether it should begin by itself, at a start."""

    def fits(self, service: Service, arguments: Arguments) -> bool:
        """Whether this service, and this version of the program, can do what was asked for; another node may have a newer one."""

    def count(self, service: Service, job: Job) -> int | None:
        """How much there is to do; None where that cannot be told."""

    def step(self, service: Service, job: Job) -> Store:
        """Do the slow part of one step, 50 ms at most, without a transaction; give what stores it."""
