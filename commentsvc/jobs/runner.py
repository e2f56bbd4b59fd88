"""Runs jobs, step by step, in one of many threads and processes: the one that has the lease of a job works on it.

A step and how far the job is are stored in one transaction, which succeeds only with the lease. So whatever
is killed when, each step is stored once; another runner goes on when the lease has ended.
"""

from __future__ import annotations

import secrets
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import structlog

from commentsvc.jobs import queue
from commentsvc.jobs.kind import Kind, Store
from commentsvc.jobs.kinds import KINDS, NEEDED_IN_TIME
from commentsvc.model import Job, JobState
from commentsvc.notifications.delivery import deliver_beside
from commentsvc.request_ids import work_on
from commentsvc.service import Service
from commentsvc.storage import jobs
from commentsvc.storage.retries import retried

LEASE = timedelta(seconds=10)  # each step renews it: hundreds of times longer than a step takes
IDLE_SECONDS = 2  # between two looks for work: with LEASE, what was killed goes on after 12 seconds
LOOK_SECONDS = 15  # between two looks for what time makes necessary: readers are told within a minute
OUT_SECONDS = 5  # between two tries where the database cannot be used
LEAST_PAUSE_SECONDS = 0.005  # between two steps, else as long as the step took: others get half of the time
RETRY = timedelta(seconds=5)  # after the first failure of a step; doubled with each further one
LONGEST_PAUSE = RETRY * 2**queue.TRIES  # of a job that does not begin again and again by itself

Wait = Callable[[float], bool]
"""Waits for so many seconds, or until it is time to stop; gives whether it is."""

log = structlog.get_logger("commentsvc.jobs")


class LeaseLost(Exception):
    """The job was cancelled, or another runner has it: what this one did is not stored."""


def until_main_thread_ends(seconds: float) -> bool:
    """A `Wait` for a thread that is to end with its process; no signal handler is needed."""
    main = threading.main_thread()
    main.join(seconds)
    return not main.is_alive()


class Runner:
    """Works on one job at a time."""

    def __init__(self, service: Service, wait: Wait) -> None:
        self._service = service
        self._wait = wait
        self._owner = secrets.token_hex(8)

    def run(self) -> None:
        """Start what should begin by itself, and work on all that is due until it is time to stop."""
        self._service.database.stand_behind()
        begun = False
        looked_at = time.monotonic()
        pause = 0.0
        while not self._wait(pause):
            try:
                if not begun:
                    queue.mend_clock(self._service, LONGEST_PAUSE, LEASE)
                    queue.start_needed(self._service)
                    begun = True
                if time.monotonic() - looked_at > LOOK_SECONDS:
                    queue.mend_clock(self._service, LONGEST_PAUSE, LEASE)
                    queue.start_needed(self._service, NEEDED_IN_TIME)
                    looked_at = time.monotonic()
                pause = 0.0 if self._work_on_next() else IDLE_SECONDS
            except Exception as why:  # the database is out; the thread must outlive that
                log.error("jobs cannot run", error=type(why).__name__)
                pause = OUT_SECONDS

    def run_job(self, public_id: str) -> Job:
        """Work on that job, or wait for who does, until it is at its end or it is time to stop."""
        while True:
            job = queue.find(self._service, public_id)
            if job.state in jobs.ENDS:
                return job
            pause = 0.0 if self._work_on(job) else IDLE_SECONDS
            if self._wait(pause):
                return queue.find(self._service, public_id)

    def _work_on_next(self) -> bool:
        """Work on what waited longest; give whether there was anything."""
        with self._service.reading() as work:
            due = work.jobs.due(KINDS, self._service.now())
        fitting = (job for job in due if KINDS[job.kind].fits(self._service, job.arguments))
        return any(self._work_on(job) for job in fitting)

    def _work_on(self, job: Job) -> bool:
        """Work on *job* until it is at its end, fails, is lost or it is time to stop; False where another has it."""
        work_on(None)  # no request's line of the log is about it
        taken = self._take(job)
        if taken is None:
            return False
        log.info("job begins", kind=job.kind, job=job.public_id, done=job.done)
        try:
            self._steps(KINDS[job.kind], taken)
        except LeaseLost:
            log.info("job is left", kind=job.kind, job=job.public_id)
        except Exception as why:
            self._fail(taken, why)
        return True

    def _steps(self, kind: Kind, job: Job) -> None:
        job = replace(job, total=kind.count(self._service, job) if job.total is None else job.total)
        while True:
            began = time.monotonic()
            job = self._store(kind, job, kind.step(self._service, job))
            if job.state is not JobState.RUNNING:
                log.info("job is done", kind=job.kind, job=job.public_id)
                return
            if self._wait(max(time.monotonic() - began, LEAST_PAUSE_SECONDS)):
                self._release(job)
                return

    @retried
    def _take(self, job: Job) -> Job | None:
        now = self._service.now()
        with self._service.unit_of_work() as work:
            return work.jobs.take(job.id, self._owner, now, now + LEASE)

    @retried
    def _store(self, kind: Kind, job: Job, store: Store) -> Job:
        with self._service.unit_of_work() as work:
            step = store(work)
            now = self._service.now()
            after = work.jobs.advance(job, self._owner, step, now + LEASE)
            if after is not None and step.finished:
                after = (
                    work.jobs.finish(job, self._owner, now)
                    if kind.every is None
                    else work.jobs.repeat(job, self._owner, now + kind.every)
                )
            if after is None:
                raise LeaseLost
        return after

    @retried
    def _release(self, job: Job) -> None:
        with self._service.unit_of_work() as work:
            work.jobs.release(job, self._owner, self._service.now())

    @retried
    def _fail(self, job: Job, why: Exception) -> None:
        """Store the kind of the error, never its message: that may quote what somebody typed."""
        error = type(why).__name__
        now = self._service.now()
        frames = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(why.__traceback__)]
        log.error("job failed", kind=job.kind, job=job.public_id, error=error, frames=frames[-4:])
        with self._service.unit_of_work() as work:
            seen = work.jobs.find(job.public_id)
            failures = 0 if seen is None else seen.failures
            if failures + 1 < queue.TRIES:
                work.jobs.postpone(job, self._owner, error, now + RETRY * 2**failures)
            elif every := KINDS[job.kind].every:
                work.jobs.postpone(job, self._owner, error, now + every)
            else:
                work.jobs.give_up(job, self._owner, error, now)


def run_beside(service: Service) -> None:
    """Run jobs and deliver messages in threads of this process, if it is to; to be called after it was forked.

    They are no daemons: they end with the main thread, after the step that they are at.
    """
    if service.settings.jobs == "serve":
        threading.Thread(target=Runner(service, until_main_thread_ends).run, name="jobs").start()
        deliver_beside(service, until_main_thread_ends)
