"""Turns what happened into messages, in the order in which it happened."""

from __future__ import annotations

from commentsvc.notifications.listeners import LISTENERS
from commentsvc.records import NewEvent
from commentsvc.service import Service
from commentsvc.storage.retries import retried

EVENTS = 20  # of one transaction, as posts wait for it on SQLite


@retried
def fan_out(service: Service) -> bool:
    """Turn the oldest events into messages, in one transaction; give whether there were any."""
    with service.reading() as work:
        if not work.events.are_there():
            return False
    with service.unit_of_work() as work:
        events = work.events.take(EVENTS)
        for event in events:
            for listener in LISTENERS:
                if event.only not in {None, listener.name}:
                    continue
                for told in listener.messages(service, work, event):
                    if isinstance(told, NewEvent):
                        work.events.add(told)
                    else:
                        work.outbox.add(told, service.random_bytes, service.now())
    return bool(events)
