"""Forget what has ended, once an hour."""

from __future__ import annotations

from datetime import timedelta

from commentsvc import scratch
from commentsvc.actions.sweep import sweep
from commentsvc.jobs.kind import Arguments, Store
from commentsvc.model import Job, JobStep
from commentsvc.service import Service
from commentsvc.storage.unit_of_work import UnitOfWork


class Sweep:
    """Spent form tokens, sent forms, who was told of what, and of long ago jobs, messages, entries of the audit log and networks."""

    name = "sweep"
    every = timedelta(hours=1)

    def arguments(self, service: Service) -> Arguments:
        """None: it is the same for every version."""
        return {}

    def is_needed(self, service: Service) -> bool:
        """Always: something ends all the time."""
        return True

    def fits(self, service: Service, arguments: Arguments) -> bool:
        """Always."""
        return True

    def count(self, service: Service, job: Job) -> None:
        """Not known: to count takes as long as to sweep."""

    def step(self, service: Service, job: Job) -> Store:
        """Forget some, and remove what commands that were killed left beside the data: it may hold addresses."""
        scratch.remove_left(service.settings.data_dir)

        def store(work: UnitOfWork) -> JobStep:
            swept, more = sweep(work, service)
            return JobStep(swept, {}, finished=not more)

        return store
