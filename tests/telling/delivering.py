"""Delivers what waits in the outbox of a service in this process, as `commentsvc worker` would."""

from __future__ import annotations

import time

from sqlalchemy import select

from commentsvc.notifications.delivery import Delivery
from commentsvc.storage.tables import EventRow, OutboxRow
from tests.running_service import InProcess


def deliver(service: InProcess) -> None:
    """Turn all events into messages, and send all that is due by the clock of *service*; wait until that has ended."""
    Delivery(service.ours, lambda seconds: _is_idle(service, seconds)).run()


def _is_idle(service: InProcess, seconds: float) -> bool:
    if seconds == 0:
        return False
    with service.ours.database.engine.connect() as connection:
        events = connection.execute(select(EventRow.id).limit(1)).first()
        leased = connection.execute(select(OutboxRow.id).where(OutboxRow.lease_owner.is_not(None))).first()
    with service.ours.reading() as work:
        due = work.outbox.due(service.ours.now(), ())
    if events or leased or due:
        time.sleep(0.01)
        return False
    return True
