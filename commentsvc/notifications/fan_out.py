"""Turns what happened into messages, in the order in which it happened."""

from __future__ import annotations

import time
import traceback
from datetime import timedelta

import structlog
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError

from commentsvc.notifications.kind import Listener
from commentsvc.notifications.listeners import LISTENERS
from commentsvc.records import NewEvent, StoredEvent
from commentsvc.service import Service
from commentsvc.storage.retries import retried
from commentsvc.storage.unit_of_work import UnitOfWork

EVENTS = 20  # of one transaction, and no other once it took SECONDS: posts wait for it on SQLite
SECONDS = 0.1
PAUSE = timedelta(seconds=5)  # after the first failure; doubled with each further one
LONGEST_PAUSE = timedelta(days=1)
OF_DATABASE = (OperationalError, InterfaceError, InternalError)
"""What is no fault of a listener: all is tried again, and nothing counts as failed."""

log = structlog.get_logger("commentsvc.outbox")


def fan_out(service: Service) -> bool:
    """Turn the oldest events into messages, in one transaction; give whether there were any.

    A listener that cannot take an event in stops neither the others nor the events that follow: it alone is asked again.
    """
    with service.reading() as work:
        if not work.events.are_there(service.now()):
            return False
    try:
        return _take_some(service, careful=False)
    except OF_DATABASE:
        raise
    except (
        Exception
    ):  # of a listener; the transaction is undone, so each is asked again, and what it does guarded
        return _take_some(service, careful=True)


@retried
def _take_some(service: Service, *, careful: bool) -> bool:
    ask = _ask_carefully if careful else _ask
    began = time.monotonic()
    taken = 0
    with service.unit_of_work() as work:
        if not work.events.is_turn():
            return False
        while not taken or (taken < EVENTS and time.monotonic() - began < SECONDS):
            events = work.events.take(1, service.now())
            if not events:
                break
            for event in events:
                for listener in LISTENERS:
                    if event.only in {None, listener.name}:
                        ask(service, work, listener, event)
            taken += len(events)
    return taken > 0


def _ask(service: Service, work: UnitOfWork, listener: Listener, event: StoredEvent) -> None:
    for told in listener.messages(service, work, event):
        if isinstance(told, NewEvent):
            work.events.add(told)
        else:
            work.outbox.add(told, service.random_bytes, service.now())


def _ask_carefully(service: Service, work: UnitOfWork, listener: Listener, event: StoredEvent) -> None:
    try:
        with work.savepoint():
            _ask(service, work, listener, event)
    except OF_DATABASE:
        raise
    except Exception as why:  # never its message: that may quote what somebody typed
        frames = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(why.__traceback__)]
        error, kind = type(why).__name__, event.kind
        log.error("event failed", listener=listener.name, kind=kind, error=error, frames=frames[-4:])
        work.events.add(_again(service, listener, event))


def _again(service: Service, listener: Listener, event: StoredEvent) -> NewEvent:
    return NewEvent(
        kind=event.kind,
        at=event.at,
        site_id=event.site_id,
        thread_id=event.thread_id,
        comment_id=event.comment_id,
        by=event.by,
        data=event.data,
        only=listener.name,
        failures=event.failures + 1,
        due_at=service.now() + min(PAUSE * 2 ** min(event.failures, 20), LONGEST_PAUSE),
    )
