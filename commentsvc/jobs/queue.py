"""Start jobs, look at them, cancel them."""

from __future__ import annotations

from base64 import urlsafe_b64encode

from msgspec import json

from commentsvc.errors import NotFound
from commentsvc.jobs.kind import Kind
from commentsvc.jobs.kinds import KINDS
from commentsvc.model import Job
from commentsvc.service import Service
from commentsvc.storage import jobs
from commentsvc.storage.database import reading, retried, transaction

ID_BYTES = 12


@retried
def start(service: Service, kind: Kind) -> tuple[Job, bool]:
    """Start a job of that kind, and give it; where there is one that is not at its end, give that, and False.

    One that waits for its time waits no longer.
    """
    public_id = urlsafe_b64encode(service.random_bytes(ID_BYTES)).decode()
    arguments, singleton = kind.arguments(), _singleton(kind)
    with transaction() as tx:
        fresh = jobs.add(tx, public_id, kind.name, arguments, service.now(), singleton=singleton)
        return jobs.hasten(tx, singleton, service.now()), fresh


def start_needed(service: Service) -> None:
    """Start what should begin by itself; where nothing should, nothing is written."""
    for kind in KINDS.values():
        if kind.is_needed() and jobs.by_singleton(reading(), _singleton(kind)) is None:
            start(service, kind)


def find(public_id: str) -> Job:
    """Give a job.

    :raises NotFound: no such id.
    """
    job = jobs.find(reading(), public_id)
    if job is None:
        raise NotFound(f"There is no job “{public_id}”.")
    return job


def all_jobs() -> list[Job]:
    """Give all jobs, the newest first; those that ended a month ago are forgotten."""
    return jobs.all_jobs(reading())


@retried
def cancel(service: Service, public_id: str) -> Job:
    """Cancel a job, and give it as it is then; one that is at its end stays as it is.

    :raises NotFound: no such id.
    """
    with transaction() as tx:
        jobs.cancel(tx, public_id, service.now())
    return find(public_id)


def _singleton(kind: Kind) -> str:
    return f"{kind.name} {json.encode(kind.arguments()).decode()}"
