"""Runners that deliver the messages of a service by writing their ids into a file, and are killed again and again.

The first process loads the program; those that it kills are forks of it, which take no second to begin.
"""

from __future__ import annotations

import os
import random
import signal
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


def main(path: str, kills: int, runners: int) -> None:
    """Kill so many runners of a service, a few at a time, as soon as they sent something; then let some run on."""
    service: Service = create_app(Settings.from_environ(os.environ)).extensions["commentsvc"]
    delivery.LEASE, delivery.RENEW_SECONDS = LEASE, 0.5
    chance = random.Random(18)
    for _ in range(kills // runners):
        before = os.stat(path).st_size
        begun = [_begin(service, path) for _ in range(runners)]
        until = time.monotonic() + 2 * LEASE.total_seconds()
        while os.stat(path).st_size == before and time.monotonic() < until:
            time.sleep(0.002)
        time.sleep(chance.uniform(0, 0.4))
        for process in begun:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
    print("killed", flush=True)
    for process in [_begin(service, path) for _ in range(runners)]:
        os.waitpid(process, 0)


def _begin(service: Service, path: str) -> int:
    process = os.fork()
    if process == 0:
        delivery.SENDERS[MessageKind.WEBHOOK] = ToFile(path)
        delivery.Delivery(service, lambda seconds: bool(time.sleep(seconds))).run()
    return process


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
