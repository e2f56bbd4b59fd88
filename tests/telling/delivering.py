"""Delivers what waits in the outbox of a service in this process, as `commentsvc worker` would."""

from __future__ import annotations

import time

from commentsvc.notifications.delivery import Delivery
from tests.running_service import InProcess


def deliver(service: InProcess) -> None:
    """Turn all events into messages, and send all that is due by the clock of *service*; wait until that has ended."""
    delivery = Delivery(service.ours, lambda _seconds: False)
    while True:
        was_sending = delivery.is_sending()
        if not delivery.step() and not was_sending:
            return
        time.sleep(0.005)
