"""A process that delivers the messages of a service by writing their ids into a file; `test_kills` kills it."""

from __future__ import annotations

import os
import random
import sys
import time
from datetime import timedelta

from commentsvc.app import create_app
from commentsvc.model import MessageKind
from commentsvc.notifications import delivery
from commentsvc.notifications.kind import Outcome, Sent
from commentsvc.records import OutboxMessage
from commentsvc.service import Service
from commentsvc.settings import Settings

LEASE = timedelta(seconds=2)  # so that nobody waits a minute after each kill


class ToFile:
    """Takes a few milliseconds for each message, as a quick receiver does; what is written outlives a kill."""

    kind = MessageKind.WEBHOOK

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def send(self, service: Service, message: OutboxMessage) -> Outcome:
        time.sleep(random.uniform(0.001, 0.01))
        os.write(self._file, f"{message.public_id}\n".encode())
        return Sent()


def main(path: str) -> None:
    """Deliver until it is killed."""
    service: Service = create_app(Settings.from_environ(os.environ)).extensions["commentsvc"]
    delivery.LEASE, delivery.RENEW_SECONDS = LEASE, 0.5
    delivery.SENDERS[MessageKind.WEBHOOK] = ToFile(path)
    delivery.Delivery(service, lambda seconds: bool(time.sleep(seconds))).run()


if __name__ == "__main__":
    main(sys.argv[1])
