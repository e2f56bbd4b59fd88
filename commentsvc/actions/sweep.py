"""Forget what has ended: tokens, forms, posts in slow mode, who was told, and of long ago jobs, messages, the log, networks."""

from __future__ import annotations

from datetime import datetime, timedelta

from commentsvc.actions.sites import all_sites
from commentsvc.model import MessageState
from commentsvc.service import Service
from commentsvc.storage.unit_of_work import UnitOfWork

MOST = 500  # rows of each table at a time: a few milliseconds
MOST_MESSAGES = 100  # and notices, which stand in many indexes
JOBS_SHOWN = timedelta(days=30)  # after their end
LINKS_KNOWN = timedelta(days=7)  # after their end: until then a page says that they are out of date
SENT_SHOWN = timedelta(days=7)
DEAD_SHOWN = timedelta(days=30)  # in which it can be sent again
EVENTS_KNOWN = timedelta(days=30)  # that nobody could be told of
REQUESTS_KNOWN = timedelta(days=30)  # a queue in a page that was closed is sent by then, or never


def sweep(work: UnitOfWork, service: Service) -> tuple[int, bool]:
    """Forget some of it; give how many rows, and whether there may be more."""
    now = service.now()
    swept = (
        work.spent_tokens.sweep(now, MOST),
        work.sent_forms.sweep(now, MOST),
        work.slow_mode.sweep(now, MOST),
        work.moderators_mail.sweep_links(now, MOST),
        work.jobs.sweep(now - JOBS_SHOWN, MOST),
        work.decision_requests.sweep(now - REQUESTS_KNOWN, MOST),
        work.questions.forget_old(now - LINKS_KNOWN, MOST),
        work.outbox.sweep_told(now, MOST),
        _forget_log(service, work, now),
        _forget_networks(service, work, now),
    )
    messages = (
        work.outbox.sweep(MessageState.SENT, now - SENT_SHOWN, MOST_MESSAGES),
        work.outbox.sweep(MessageState.DEAD, now - DEAD_SHOWN, MOST_MESSAGES),
        work.notices.sweep(now, MOST_MESSAGES),
        work.events.sweep(now - EVENTS_KNOWN, MOST_MESSAGES),
    )
    work.chain.will_grow()  # lines of an older program are in no chain until somebody takes them in
    return sum(swept) + sum(messages), MOST in swept or MOST_MESSAGES in messages


def _forget_log(service: Service, work: UnitOfWork, now: datetime) -> int:
    days = service.settings.retain_log
    return 0 if days is None else work.chain.forget(now - timedelta(days=days), MOST)


def _forget_networks(service: Service, work: UnitOfWork, now: datetime) -> int:
    """Those that are older than their sites keep any; all, where a site keeps none any more."""
    left = MOST
    for site in all_sites(service, work):
        left -= work.networks.sweep(site.id, now - timedelta(days=site.retain_networks), left)
    return MOST - left
