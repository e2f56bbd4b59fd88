"""What a scrape of `/metrics` is told: what was counted, and how things stand now. Nothing of it is of a person."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError

from commentsvc.actions import outbox
from commentsvc.errors import Busy
from commentsvc.metrics import VALUES, Family, Samples, Sums, exposition, histogram
from commentsvc.model import State
from commentsvc.records import OutboxState
from commentsvc.service import Service
from commentsvc.storage import waiting

METRICS = "text/plain; version=0.0.4; charset=utf-8"

log = structlog.get_logger("commentsvc.metrics")


@dataclass(frozen=True, slots=True)
class _Stored:
    """What the database says: how many comments wait, since when the first does, the outbox, and jobs by kind and state."""

    waiting: int
    oldest: datetime | None
    outbox: OutboxState
    jobs: dict[tuple[str, str], int] = field(default_factory=dict)


def metrics_text(service: Service) -> str:
    """All metrics, as Prometheus reads them; where the database is out, without what it would say."""
    return exposition(_families(service))


def _families(service: Service) -> Iterator[Family]:
    sums = service.metrics.sums()
    yield _requests(sums)
    yield _seconds(sums)
    kept = sum(values[0] + values[1] for _, values in sums.of("kept"))
    yield _one("commentsvc_cache_hits_total", "counter", "Requests answered from cached bytes.", kept)
    cached = sum(values[0] for _, values in sums.of("cache_bytes"))
    yield _one(
        "commentsvc_cache_bytes", "gauge", "Bytes of cached answers in the processes that live.", cached
    )
    streams = sum(values[0] for _, values in sums.of("streams"))
    yield _one("commentsvc_streams", "gauge", "Open streams of events in the processes that live.", streams)
    yield _counted(sums, "posts", ("state",), "Comments posted, by the state in which they were stored.")
    yield _counted(
        sums, "findings", ("check", "outcome"), "What checks found; “watching” where one only watches."
    )
    yield _counted(sums, "outbox_sent", ("kind",), "Messages that their receivers took.")
    yield _counted(sums, "outbox_dead", ("kind",), "Messages that were refused for good, or given up.")
    yield _counted(sums, "limited", ("limit",), "Times that a client reached a rate limit.")
    yield from _of_database(service)
    yield from _of_disk(service)


def _one(name: str, kind: str, says: str, value: float) -> Family:
    return Family(name, kind, says, [("", {}, value)])


def _counted(sums: Sums, name: str, labels: tuple[str, ...], says: str) -> Family:
    samples = [("", dict(zip(labels, key, strict=True)), values[0]) for key, values in sums.of(name)]
    return Family(f"commentsvc_{name}_total", "counter", says, samples)


def _requests(sums: Sums) -> Family:
    """All requests: those that were answered from the cache are counted apart, so that it costs them little."""
    total = {key: values[0] for key, values in sums.of("requests")}
    for (route,), values in sums.of("kept"):
        for status, number in zip(("200", "304"), values, strict=False):
            if number:
                total[route, status] = total.get((route, status), 0) + number
    samples: Samples = [
        ("", {"route": route, "status": status}, number) for (route, status), number in sorted(total.items())
    ]
    return Family("commentsvc_requests_total", "counter", "Requests answered, by route and status.", samples)


def _seconds(sums: Sums) -> Family:
    """How long answers took; those from the cache take some microseconds, so they are counted as fast, and not timed."""
    total = {route: values for (route,), values in sums.of("seconds")}
    for (route,), values in sums.of("kept"):
        total.setdefault(route, [0.0] * VALUES)[0] += values[0] + values[1]
    samples = (
        sample for route, values in sorted(total.items()) for sample in histogram({"route": route}, values)
    )
    return Family("commentsvc_request_seconds", "histogram", "How long answers took, by route.", samples)


def _of_database(service: Service) -> Iterator[Family]:
    stored = _stored(service)
    is_up = stored is not None
    yield _one("commentsvc_database_up", "gauge", "Whether the database can be read.", is_up)
    if stored is None:
        return
    says = "Comments that wait for a moderator."
    yield _one("commentsvc_queue_comments", "gauge", says, stored.waiting)
    waited = (service.now() - stored.oldest).total_seconds() if stored.oldest else 0.0
    says = "Age of the comment that has been in the queue for longest; 0 where none waits."
    yield _one("commentsvc_queue_oldest_seconds", "gauge", says, max(0.0, waited))
    outbox = stored.outbox
    says = "Messages that wait to be sent, and events that nobody was told of yet."
    yield _one("commentsvc_outbox_messages", "gauge", says, outbox.waiting)
    says = "How late the oldest of them is; 0 where none is."
    yield _one("commentsvc_outbox_oldest_seconds", "gauge", says, outbox.oldest_seconds)
    jobs: Samples = [("", {"kind": kind, "state": state}, n) for (kind, state), n in stored.jobs.items()]
    yield Family("commentsvc_jobs", "gauge", "Jobs that the database knows of.", jobs)


def _stored(service: Service) -> _Stored | None:
    try:
        with waiting.bounded(service.settings.database_timeout), service.reading() as work:
            pending = work.counts.by_state(None)[State.PENDING]
            return _Stored(
                pending,
                work.queue.waits_since(),
                outbox.state_of(service, work),
                work.jobs.count_by_state(),
            )
    except (SQLAlchemyError, Busy) as why:
        log.error("no figures of the database", kind=type(why).__name__)
        return None


def _of_disk(service: Service) -> Iterable[Family]:
    try:
        free = shutil.disk_usage(service.settings.data_dir).free
    except OSError as why:
        log.error("no figures of the disk", kind=type(why).__name__)
        return
    yield _one("commentsvc_disk_free_bytes", "gauge", "Free bytes where the data directory lies.", free)
