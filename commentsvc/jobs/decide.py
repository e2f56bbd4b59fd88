"""Decide about all comments that match a search."""

from __future__ import annotations

from commentsvc.actions import bulk_decide
from commentsvc.actions.bulk_decide import BulkDecision
from commentsvc.jobs.kind import Arguments, Store
from commentsvc.model import Action, Job, JobStep
from commentsvc.service import Service
from commentsvc.storage.retries import retried
from commentsvc.storage.unit_of_work import UnitOfWork


class DecideAll:
    """Some two hundred comments a step, each in the log under who asked; its arguments say which comments.

    Who may not decide any more ends it, and so does a rotation of the keys by which an address is looked for: the job is
    cancelled, and what it did stays.
    """

    name = bulk_decide.KIND
    every = None

    def arguments(self, service: Service) -> Arguments:
        """None: it does not begin by itself."""
        return {}

    def is_needed(self, service: Service) -> bool:
        """Never by itself."""
        return False

    def fits(self, service: Service, arguments: Arguments) -> bool:
        """Always."""
        return True

    def count(self, service: Service, job: Job) -> int | None:
        """How many matched when it was asked for."""
        return BulkDecision.of_arguments(job.arguments).total

    def step(self, service: Service, job: Job) -> Store:
        """Read a page; give what decides about it."""
        asked = BulkDecision.of_arguments(job.arguments)
        purges = asked.action is Action.PURGE
        if purges and job.cursor:
            service.database.forget_erased()
        with service.reading() as work:
            is_found = bulk_decide.finds(service, asked)
            moderator = bulk_decide.who_asked(work, asked.by, service.now()) if is_found else None
            page, more = (
                ([], None)
                if moderator is None
                else bulk_decide.next_page(work, asked, moderator, job.cursor.get("after"))
            )
        if moderator is None:
            _cancel(service, job)

        def store(work: UnitOfWork) -> JobStep:
            done = 0 if moderator is None else bulk_decide.carry_out(service, work, asked, moderator, page)
            ends = more is None and not (
                purges and page
            )  # one more step, which forgets what the last one erased
            return JobStep(done, {"after": more or asked.newest}, finished=ends)

        return store


@retried
def _cancel(service: Service, job: Job) -> None:
    with service.unit_of_work() as work:
        work.jobs.cancel(job.public_id, service.now())


DECIDE = DecideAll()
