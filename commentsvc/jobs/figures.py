"""Count decisions for the figures, every few minutes."""

from __future__ import annotations

from datetime import timedelta

from commentsvc.actions.moderation_figures import COUNTED_AT_ONCE, count_decisions
from commentsvc.jobs.kind import Arguments, Store
from commentsvc.model import Job, JobStep
from commentsvc.service import Service
from commentsvc.storage.unit_of_work import UnitOfWork


class CountDecisions:
    """Decisions that came since the last time, so that a look at the figures counts few."""

    name = "figures"
    every = timedelta(minutes=5)

    def arguments(self, service: Service) -> Arguments:
        """None: it is the same for every version."""
        return {}

    def is_needed(self, service: Service) -> bool:
        """Always: there are decisions all the time."""
        return True

    def fits(self, service: Service, arguments: Arguments) -> bool:
        """Always."""
        return True

    def count(self, service: Service, job: Job) -> None:
        """Not known: few, but after an upgrade."""

    def step(self, service: Service, job: Job) -> Store:
        """Count some."""

        def store(work: UnitOfWork) -> JobStep:
            counted = count_decisions(work)
            return JobStep(counted, {}, finished=counted < COUNTED_AT_ONCE)

        return store
