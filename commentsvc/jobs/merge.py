"""Merge two long threads."""

from __future__ import annotations

from commentsvc.actions.move import Merge, carry_out
from commentsvc.actions.sites import by_id
from commentsvc.jobs.kind import Arguments, Store
from commentsvc.model import Actor, Job, JobStep
from commentsvc.service import Service
from commentsvc.storage.unit_of_work import UnitOfWork


class MergeThreads:
    """One step, as nobody may see half of it; those who post wait for it. Its arguments say which threads."""

    name = "merge"
    every = None

    def arguments(self, service: Service) -> Arguments:
        """None: it does not begin by itself."""
        return {}

    def asked_for(self, asked: Merge) -> Arguments:
        """What a moderator asked for."""
        return {
            "source": asked.source,
            "target": asked.target,
            "size": asked.size,
            "by": [asked.by.id, asked.by.name],
        }

    def is_needed(self, service: Service) -> bool:
        """Never by itself."""
        return False

    def fits(self, service: Service, arguments: Arguments) -> bool:
        """Always."""
        return True

    def count(self, service: Service, job: Job) -> int:
        """How many comments the two threads had when it was asked for."""
        return int(job.arguments["size"])

    def step(self, service: Service, job: Job) -> Store:
        """Merge them."""
        arguments = job.arguments
        by = Actor(*arguments["by"])
        asked = Merge(arguments["source"], arguments["target"], arguments["size"], by)

        def store(work: UnitOfWork) -> JobStep:
            work.jobs.lock(job)  # it may take longer than the lease: no other runner begins it
            site = by_id(service, work, work.merging.thread(asked.target).site_id)
            return JobStep(carry_out(service, work, site, asked), {}, finished=True)

        return store


MERGE = MergeThreads()
