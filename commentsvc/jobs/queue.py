"""Start jobs, look at them, cancel them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta

import structlog
from msgspec import json

from commentsvc.errors import NotFound
from commentsvc.ids import fresh_id
from commentsvc.jobs.kind import Arguments, Kind
from commentsvc.jobs.kinds import KINDS
from commentsvc.messages import message
from commentsvc.model import Job, JobState
from commentsvc.service import Service
from commentsvc.storage.retries import retried
from commentsvc.storage.unit_of_work import UnitOfWork

TRIES = 8  # of a step: ten minutes, with all pauses

log = structlog.get_logger("commentsvc.jobs")


@retried
def start(
    service: Service,
    kind: Kind,
    asked: Arguments | None = None,
    beside: Callable[[UnitOfWork, Job], None] = lambda _work, _job: None,
) -> tuple[Job, bool]:
    """Start a job of that kind, and give it; where there is one that is not at its end, give that, and False.

    :param asked: its arguments, where they are not those that this service would ask for.
    :param beside: writes, in the same transaction, what must be there if and only if the job is.

    One that waits for its time waits no longer.
    """
    public_id = fresh_id(service.random_bytes)
    arguments = kind.arguments(service) if asked is None else asked
    singleton = _singleton(kind, arguments) if asked is None else _digest(kind, arguments)
    with service.unit_of_work() as work:
        fresh = work.jobs.add(public_id, kind.name, arguments, service.now(), singleton=singleton)
        job = work.jobs.hasten(singleton, service.now())
        beside(work, job)
        return job, fresh


def start_needed(service: Service, names: Iterable[str] = KINDS) -> None:
    """Start what should begin by itself, of the kinds of those *names*; where nothing should, nothing is written."""
    for kind in map(KINDS.__getitem__, names):
        if not kind.is_needed(service):
            continue
        with service.reading() as work:
            started = work.jobs.by_singleton(_singleton(kind, kind.arguments(service)))
        if started is None:
            start(service, kind)


def mend_clock(service: Service, pause: timedelta, lease: timedelta) -> None:
    """Let what a clock that was ahead has put off be due: retention would stay off for as long as that was ahead.

    :param pause: the longest of a job that failed or waits, beside the kinds that begin again after a while.
    :param lease: how long one is.
    """
    longest = {name: max(pause, kind.every or pause) for name, kind in KINDS.items()}
    with service.reading() as work:
        if not work.jobs.is_put_off(service.now(), longest, lease):
            return
    mended = _mend(service, longest, lease)
    log.warning("the clock was ahead", jobs=mended)


@retried
def _mend(service: Service, longest: Mapping[str, timedelta], lease: timedelta) -> int:
    with service.unit_of_work() as work:
        return work.jobs.mend_clock(service.now(), longest, lease)


def find(service: Service, public_id: str) -> Job:
    """Give a job.

    :raises NotFound: no such id.
    """
    with service.reading() as work:
        job = work.jobs.find(public_id)
    if job is None:
        raise NotFound(message("There is no job “%(job)s”.", job=public_id))
    return job


def all_jobs(service: Service) -> list[Job]:
    """Give all jobs, the newest first; those that ended a month ago are forgotten."""
    with service.reading() as work:
        return work.jobs.all_jobs()


def given_up(service: Service) -> list[Job]:
    """Give the last job of each kind that failed as often as one may; one that begins again and again goes on later."""
    last: dict[str, Job] = {}
    for job in all_jobs(service):
        last.setdefault(job.kind, job)
    return [job for job in last.values() if job.state is JobState.FAILED or job.failures >= TRIES]


@retried
def cancel(service: Service, public_id: str) -> Job:
    """Cancel a job, and give it as it is then; one that is at its end stays as it is.

    :raises NotFound: no such id.
    """
    with service.unit_of_work() as work:
        work.jobs.cancel(public_id, service.now())
    return find(service, public_id)


def _digest(kind: Kind, arguments: Arguments) -> str:
    """As `_singleton`, for arguments of any length."""
    return f"{kind.name} {hashlib.blake2b(json.encode(arguments), digest_size=12).hexdigest()}"


def _singleton(kind: Kind, arguments: Arguments) -> str:
    return f"{kind.name} {json.encode(arguments).decode()}"
