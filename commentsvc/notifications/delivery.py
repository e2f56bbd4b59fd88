"""Sends what is in the outbox: each message under a lease, in a thread of its own, until it arrives or dies.

A message that was sent by a process which was killed before it could say so is sent again, with the same id.
"""

from __future__ import annotations

import random
import secrets
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import structlog

from commentsvc.model import MessageState
from commentsvc.notifications.fan_out import fan_out
from commentsvc.notifications.kind import Dead, Later, Nothing, Outcome, Retry, Sent
from commentsvc.notifications.senders import SENDERS
from commentsvc.records import OutboxMessage
from commentsvc.request_ids import work_on
from commentsvc.service import Service
from commentsvc.storage.retries import retried

LEASE = timedelta(seconds=60)
RENEW_SECONDS = 20  # between two renewals of the leases of what is being sent
IDLE_SECONDS = 0.5  # between two looks for what is to be told
OUT_SECONDS = 5  # between two tries where the database cannot be used
LANE = 1  # messages of one lane that are sent at a time by one process
WIDER_LANES = {"mail": 4}  # to a mail server that others use at once
MOST_AT_ONCE = 16
LONGEST_PAUSE = timedelta(hours=4)
JITTER = 0.25  # of a pause, at most, that is added at random: so that not all come at once

Wait = Callable[[float], bool]
"""Waits for so many seconds, or until it is time to stop; gives whether it is."""

log = structlog.get_logger("commentsvc.outbox")


class Delivery:
    """Turns events into messages and sends them, until it is time to stop."""

    def __init__(self, service: Service, wait: Wait) -> None:
        self._service = service
        self._wait = wait
        self._owner = secrets.token_hex(8)
        self._sending: dict[int, str] = {}  # the lanes of the messages that are being sent, by their row
        self._lock = threading.Lock()
        self._renewed_at = time.monotonic()

    def run(self) -> None:
        """Work until it is time to stop; what is being sent then is sent again by another, if it does not end in time."""
        pause = 0.0
        while not self._wait(pause):
            try:
                self._renew()
                busy = fan_out(self._service)
                busy = self._begin_due() or busy
                pause = 0.0 if busy else IDLE_SECONDS
            except Exception as why:  # the database is out; the thread must outlive that
                log.error("nothing can be sent", error=type(why).__name__)
                pause = OUT_SECONDS

    def _begin_due(self) -> bool:
        """Begin to send what is due, as far as there is room; give whether anything was begun."""
        with self._lock:
            lanes = Counter(self._sending.values())
            room = MOST_AT_ONCE - len(self._sending)
        full = {lane for lane, number in lanes.items() if number >= WIDER_LANES.get(lane, LANE)}
        with self._service.reading() as work:
            due = work.outbox.due(self._service.now(), full)
        begun = False
        for message in due[:room]:
            taken = self._take(message)
            if taken is None:
                continue
            begun = True
            with self._lock:
                self._sending[taken.id] = taken.lane
            # A daemon, as a server may take minutes to answer: the process ends without it.
            threading.Thread(target=self._send, args=(taken,), name="outbox-send", daemon=True).start()
        return begun

    @retried
    def _take(self, message: OutboxMessage) -> OutboxMessage | None:
        now = self._service.now()
        with self._service.unit_of_work() as work:
            return work.outbox.take(message.id, self._owner, now, now + LEASE)

    def _renew(self) -> None:
        if time.monotonic() - self._renewed_at < RENEW_SECONDS:
            return
        self._renewed_at = time.monotonic()
        with self._lock:
            ids = list(self._sending)
        if ids:
            with self._service.unit_of_work() as work:
                work.outbox.renew(ids, self._owner, self._service.now() + LEASE)

    def _send(self, message: OutboxMessage) -> None:
        work_on(None)  # no request's line of the log is about it
        try:
            self._store(message, self._try(message))
        except Exception as why:  # the database is out: its lease ends, and it is sent again
            log.error(
                "the end of a message cannot be stored", message=message.public_id, error=type(why).__name__
            )
        finally:
            with self._lock:
                del self._sending[message.id]

    def _try(self, message: OutboxMessage) -> Outcome:
        sender = SENDERS.get(message.kind)
        if sender is None:
            return Retry("no-sender")
        try:
            return sender.send(self._service, message)
        except Exception as why:  # never its message: that may quote what somebody typed
            frames = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(why.__traceback__)]
            error = type(why).__name__
            log.error(
                "message failed",
                message=message.public_id,
                about=message.about,
                error=error,
                frames=frames[-4:],
            )
            return Retry(error)

    @retried
    def _store(self, message: OutboxMessage, outcome: Outcome) -> None:
        now = self._service.now()
        with self._service.unit_of_work() as work:
            outbox = work.outbox
            match outcome:
                case Sent():
                    outbox.end(message, self._owner, MessageState.SENT, now)
                case Nothing():
                    outbox.remove(message, self._owner)
                case Later(until):
                    outbox.hold_back(message, self._owner, until)
                case Dead(error):
                    outbox.end(message, self._owner, MessageState.DEAD, now, error)
                case Retry(error, is_setup):
                    too_late = now - message.late_at > timedelta(
                        seconds=self._service.settings.outbox_give_up
                    )
                    if too_late and not is_setup:
                        outbox.end(message, self._owner, MessageState.DEAD, now, error)
                    else:
                        outbox.postpone(message, self._owner, now + self._pause(message.tries), error)
        log.info(
            "message", message=message.public_id, kind=message.kind, about=message.about, **_told(outcome)
        )

    def _pause(self, tries: int) -> timedelta:
        """How long to wait after that many tries: doubled each time up to `LONGEST_PAUSE`, and some more at random."""
        first = timedelta(seconds=self._service.settings.mail_retry)
        doublings = min(tries - 1, 20)  # by then it is the longest, whatever the first was
        jitter: float = random.uniform(1, 1 + JITTER)  # noqa: S311 - no secret
        return min(first * 2.0**doublings, LONGEST_PAUSE) * jitter


def _told(outcome: Outcome) -> dict[str, str]:
    error = getattr(outcome, "error", None)
    return {"outcome": type(outcome).__name__.lower()} | ({} if error is None else {"error": error})


def deliver_beside(service: Service, wait: Wait) -> threading.Thread:
    """Deliver in a thread of this process until *wait* says that it is time to stop; give the thread."""
    thread = threading.Thread(target=Delivery(service, wait).run, name="outbox")
    thread.start()
    return thread
