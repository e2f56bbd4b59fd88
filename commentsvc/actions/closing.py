"""Threads that close by time: so many days after their first comment, as the thread says or else its site."""

from __future__ import annotations

from datetime import datetime, timedelta

from commentsvc.model import Site
from commentsvc.records import StoredThread
from commentsvc.service import Service
from commentsvc.storage.retries import retried
from commentsvc.storage.unit_of_work import UnitOfWork
from commentsvc.threads.lifecycle import show_change

LONGEST_DAYS = 36_500
MOST = 500  # threads of one transaction: some 10 ms


def closes_at(first: datetime | None, days: int | None) -> datetime | None:
    """When a thread closes that had its *first* comment then; None where it does not."""
    return None if first is None or days is None else first + timedelta(days=days)


def begin(work: UnitOfWork, site: Site, thread: StoredThread, first: datetime) -> None:
    """Set when *thread* closes, which has its first comment now."""
    end = closes_at(first, _days(site, thread.close_after_days))
    if end is not None:
        work.threads.describe(thread.id, closes_at=end)


def plan(work: UnitOfWork, site: Site, thread: StoredThread, days: int | None, now: datetime) -> None:
    """Let *thread*, which is locked, close so many *days* after its first comment, or as its site says where None."""
    end = closes_at(work.comments.first_posted(thread.id), _days(site, days))
    expired = end is not None and end <= now
    before = (thread.close_after_days, thread.closes_at, thread.expired, thread.reopened)
    if (days, end, expired, False) != before:
        work.threads.describe(
            thread.id, close_after_days=days, closes_at=end, expired=expired, reopened=False
        )
    if expired is not thread.expired:
        show_change(work, thread.id, now)


def plan_site(service: Service, site: Site) -> None:
    """Let the threads of *site* that say nothing else close as the site says now, some in each transaction."""
    after = 0
    while (last := _plan_some(service, site, after)) is not None:
        after = last


@retried
def _plan_some(service: Service, site: Site, after: int) -> int | None:
    with service.unit_of_work() as work:
        threads = work.threads.that_follow_the_site(site.id, after, MOST)
        for thread in threads:
            plan(work, site, thread, None, service.now())
    return threads[-1].id if threads else None


def is_due(work: UnitOfWork, now: datetime) -> bool:
    """Whether any thread is to be closed by now."""
    return work.threads.is_any_over(now)


def close_due(work: UnitOfWork, now: datetime) -> int:
    """Close threads whose time is over, `MOST` at most; give how many. Readers are told from then on."""
    return work.threads.close_those_over(now, MOST)


def _days(site: Site, own: int | None) -> int | None:
    return site.close_after_days if own is None else own
