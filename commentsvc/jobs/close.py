"""Close the threads whose time is over."""

from __future__ import annotations

from commentsvc.actions import closing
from commentsvc.jobs.kind import Arguments, Store
from commentsvc.model import Job, JobStep
from commentsvc.service import Service
from commentsvc.storage.unit_of_work import UnitOfWork


class Close:
    """Threads that took no more posts from then on; now every answer says so."""

    name = "close"
    every = None

    def arguments(self, service: Service) -> Arguments:
        """None: it is the same for every version."""
        return {}

    def is_needed(self, service: Service) -> bool:
        """Whether the time of any thread is over."""
        with service.reading() as work:
            return closing.is_due(work, service.now())

    def fits(self, service: Service, arguments: Arguments) -> bool:
        """Always."""
        return True

    def count(self, service: Service, job: Job) -> None:
        """Not known, and done at once."""

    def step(self, service: Service, job: Job) -> Store:
        """Close some."""

        def store(work: UnitOfWork) -> JobStep:
            closed = closing.close_due(work, service.now())
            return JobStep(closed, {}, finished=closed < closing.MOST)

        return store
