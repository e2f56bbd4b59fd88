"""Forget what is older than it is kept, once a day."""

from __future__ import annotations

from datetime import timedelta

import structlog

from commentsvc.actions import retention
from commentsvc.jobs.kind import Arguments, Store
from commentsvc.model import Job, JobStep
from commentsvc.service import Service
from commentsvc.storage.unit_of_work import UnitOfWork

log = structlog.get_logger("commentsvc.jobs")


class Retain:
    """One pass after the other through what is kept for some days; see `actions.retention`.

    The cursor has at which `pass` it is, the row `after` which the next step looks, and how many were forgotten in
    this run, by pass. At its end the log is told these numbers and nothing else.
    """

    name = "retain"
    every = timedelta(days=1)

    def arguments(self, service: Service) -> Arguments:
        """None: it is the same for every version."""
        return {}

    def is_needed(self, service: Service) -> bool:
        """Always: a site may be told to keep something for some days at any time."""
        return True

    def fits(self, service: Service, arguments: Arguments) -> bool:
        """Always."""
        return True

    def count(self, service: Service, job: Job) -> None:
        """Not known: to count takes as long as to look."""

    def step(self, service: Service, job: Job) -> Store:
        """Look at some rows; give what forgets those that are too old."""
        at, after = job.cursor.get("pass", 0), job.cursor.get("after", 0)
        counts = dict(job.cursor.get("counts", {}))
        if at == len(retention.PASSES):
            return _end(service, counts)
        now = retention.PASSES[at]
        with service.reading() as work:
            days = retention.days_of(service, work)
            is_limited = retention.is_limited(now.kind, days)
            rows = now.look(work, after, now.most) if is_limited else []
        old = retention.too_old(rows, now.kind, days, service.now())

        def store(work: UnitOfWork) -> JobStep:
            forgotten = now.forget(service, work, old) if old else 0
            if forgotten:
                counts[now.name] = job.cursor.get("counts", {}).get(now.name, 0) + forgotten
            place = {"pass": at, "after": rows[-1].row_id} if rows else {"pass": at + 1, "after": 0}
            return JobStep(forgotten, place | {"counts": counts}, finished=False)

        return store


def _end(service: Service, counts: dict[str, int]) -> Store:
    """Let the files forget what the rows did, and tell the log how much that was."""
    service.database.forget_erased()
    log.info("retention", **{one.name: counts.get(one.name, 0) for one in retention.PASSES})
    return lambda _work: JobStep(0, {}, finished=True)
