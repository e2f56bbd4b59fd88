"""Tells a WebSub hub (https://www.w3.org/TR/websub/) that feeds have changed; it fetches them and tells the readers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

from commentsvc.model import EventKind, MessageKind
from commentsvc.notifications.kind import TOLD_WITHIN, Dead, Nothing, Outcome, Retry, Sent
from commentsvc.publishing.feeds import site_feed_url, thread_feed_url
from commentsvc.records import NewMessage, OutboxMessage, StoredEvent
from commentsvc.service import Service
from commentsvc.storage.unit_of_work import UnitOfWork

GATHER = timedelta(minutes=1)  # in which the first change is told at once, and what follows as one
FORMS = ("atom", "json")
GONE = 410
_CHANGES = frozenset({EventKind.PUBLIC, EventKind.GONE, EventKind.EDITED})
_HEADERS = {"Content-Type": "application/x-www-form-urlencoded"}


class WebSubListener:
    """A message for the feeds of the thread, and one for those of the site."""

    name = "websub"

    def messages(self, service: Service, work: UnitOfWork, event: StoredEvent) -> Iterable[NewMessage]:
        """What is to be sent because of *event*."""
        hub = service.settings.websub_hub
        if hub is None or event.kind not in _CHANGES:
            return
        begun = event.at - timedelta(seconds=event.at.timestamp() % GATHER.total_seconds())
        for about, of in (("thread", event.thread_id), ("site", event.site_id)):
            once = f"websub:{about}:{of}:{begun:%Y%m%d%H%M}"
            follows = work.outbox.was_told(once)
            yield NewMessage(
                kind=MessageKind.WEBSUB,
                about=about,
                receiver=urlsplit(hub).hostname or "",
                lane="websub",
                data={},
                once=f"{once}:more" if follows else once,
                forget_at=begun + GATHER + TOLD_WITHIN,
                due_at=begun + GATHER if follows else None,
                site_id=event.site_id,
                thread_id=event.thread_id,
            )


class WebSubSender:
    """Sends messages to the hub."""

    kind = MessageKind.WEBSUB

    def send(self, service: Service, message: OutboxMessage) -> Outcome:
        """Name the feeds that have changed, one in each call: hubs differ in whether they take several."""
        from commentsvc.notifications import (
            outbound,  # takes 12 MB: who serves needs it when something is sent
        )

        hub = service.settings.websub_hub
        if hub is None or message.site_id is None:
            return Nothing()
        with service.reading() as work:
            topics = _topics(service, work, message)
        for topic in topics:
            body = urlencode({"hub.mode": "publish", "hub.url": topic, "hub.topic": topic}).encode()
            try:
                answer = outbound.post(hub, body, _HEADERS, service.settings.outbound_allow)
            except outbound.Unreachable as why:
                return Retry(why.kind)
            if not answer.ok:
                error = f"HTTP {answer.status}"
                return Dead(error) if answer.status == GONE else Retry(error)
        return Sent()


def _topics(service: Service, work: UnitOfWork, message: OutboxMessage) -> list[str]:
    """The feeds that have changed: none of a thread that is gone, as it was merged into another."""
    base_url, site = service.settings.base_url, work.sites.by_id(message.site_id or 0).slug
    if message.about == "site":
        return [site_feed_url(base_url, site, form) for form in FORMS]
    article = work.threads.article_of(message.thread_id or 0)
    return [] if article is None else [thread_feed_url(base_url, site, article, form) for form in FORMS]
