"""Sends what is in the outbox: each message under a lease, in a thread of its own, until it arrives or dies.

A message that was sent by a process which was killed before it could say so is sent again, with the same id.
"""

from __future__ import annotations

import random
import secrets
import threading
import time
import traceback
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from commentsvc.model import EventKind, MessageState
from commentsvc.notifications.fan_out import fan_out
from commentsvc.notifications.kind import Dead, Later, Nothing, Outcome, Retry, Sent, Unsent
from commentsvc.notifications.lanes import PATIENCE_SECONDS, Lanes
from commentsvc.notifications.senders import SENDERS
from commentsvc.records import NewEvent, OutboxMessage
from commentsvc.request_ids import work_on
from commentsvc.service import Service
from commentsvc.storage.outbox import Outbox
from commentsvc.storage.retries import retried
from commentsvc.storage.unit_of_work import UnitOfWork

LEASE = timedelta(seconds=60)
RENEW_SECONDS = 20  # between two renewals of the leases of what is being sent
IDLE_SECONDS = 0.5  # between two looks for what is to be told
OUT_SECONDS = 5  # between two tries where the database cannot be used
STOP_SECONDS = 2  # for what is being sent when it is time to stop: the server has eight for all
SOONEST = timedelta(seconds=1)  # that a message which waits for a rate is tried again
LONGEST_PAUSE = timedelta(hours=4)
JITTER = 0.25  # of a pause, at most, that is added at random: so that not all come at once
LONGEST_ERROR = 120
GIVEN_UP_AT_ONCE = 500  # messages of a lane that cannot be reached
STEP = timedelta(seconds=10)  # of a clock: what is more is no matter of how busy the machine is

Wait = Callable[[float], bool]
"""Waits for so many seconds, or until it is time to stop; gives whether it is."""

log = structlog.get_logger("commentsvc.outbox")


class Delivery:
    """Turns events into messages and sends them, until it is time to stop."""

    def __init__(self, service: Service, wait: Wait) -> None:
        self._service = service
        self._wait = wait
        self._owner = secrets.token_hex(8)
        self._lanes = Lanes()
        self._ended = threading.Event()  # something was sent, so there may be room for more
        self._clock = _Clock(service)
        self._renewed_at = time.monotonic()

    def run(self) -> None:
        """Work until it is time to stop; what is being sent then and does not end in time is sent again by another."""
        self._service.database.stand_behind()
        begun = False
        while not self._wait(0):
            try:
                if not begun:
                    self._mend_clock()
                    begun = True
                if not self.step():
                    self._ended.wait(PATIENCE_SECONDS if self.is_sending() else IDLE_SECONDS)
            except Exception as why:  # the database is out; the thread must outlive that
                log.error("nothing can be sent", error=type(why).__name__)
                self._wait(OUT_SECONDS)
        self._end()

    def step(self) -> bool:
        """Turn some events into messages, and begin to send one that is due; give whether there was anything to do."""
        self._ended.clear()
        if self._clock.was_set():
            self._mend_clock()
            self._renew()
        elif time.monotonic() - self._renewed_at > RENEW_SECONDS:
            self._renew()
        told = fan_out(self._service)
        return self._begin_due() or told

    def is_sending(self) -> bool:
        """Whether anything is being sent."""
        return bool(self._lanes.rows())

    def _end(self) -> None:
        until = time.monotonic() + STOP_SECONDS
        while self.is_sending() and (left := until - time.monotonic()) > 0:
            self._ended.clear()
            self._ended.wait(min(left, IDLE_SECONDS))

    def _begin_due(self) -> bool:
        """Begin to send what is due next, if there is room; give whether there was anything."""
        now = self._service.now()
        with self._service.reading() as work:
            due = work.outbox.due(now) if self._clock.is_trusted() else work.outbox.free(now)
        message = self._lanes.with_room(due, now)
        if message is None:
            return False
        taken = self._take(message)
        if taken is not None:
            self._lanes.begin(taken)
            # A daemon, as a server may take minutes to answer: the process ends without it.
            threading.Thread(target=self._send, args=(taken,), name="outbox-send", daemon=True).start()
        return True

    @retried
    def _take(self, message: OutboxMessage) -> OutboxMessage | None:
        with self._service.unit_of_work() as work:
            return work.outbox.take(message, self._owner, self._service.now() + LEASE)

    def _renew(self) -> None:
        if rows := self._lanes.rows():
            with self._service.unit_of_work() as work:
                work.outbox.renew(rows, self._owner, self._service.now() + LEASE)
        self._renewed_at = time.monotonic()

    def _mend_clock(self) -> None:
        while mended := self._mend_some():
            log.warning("the clock was ahead", messages=mended)

    @retried
    def _mend_some(self) -> int:
        with self._service.unit_of_work() as work:
            return work.outbox.mend_clock(self._service.now(), LEASE, LONGEST_PAUSE * (1 + JITTER))

    def _send(self, message: OutboxMessage) -> None:
        work_on(None)  # no request's line of the log is about it
        self._service.database.stand_behind()
        try:
            self._store(message, self._try(message))
        except Exception as why:  # the database is out: its lease ends, and it is sent again
            log.error(
                "the end of a message cannot be stored", message=message.public_id, error=type(why).__name__
            )
        finally:
            self._lanes.end(message)
            self._ended.set()

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
            return Retry(error, perhaps_sent=True)

    def _store(self, message: OutboxMessage, outcome: Outcome) -> None:
        end = self._write(message, outcome)
        if end is not None:
            self._service.metrics.add(f"outbox_{end}", message.kind)
        log.info(
            "message", message=message.public_id, kind=message.kind, about=message.about, **_told(outcome)
        )

    @retried
    def _write(self, message: OutboxMessage, outcome: Outcome) -> MessageState | None:
        """Store how it ended; give its end, if it has come to one."""
        now = self._service.now()
        with self._service.unit_of_work() as work:
            match outcome:
                case Sent(unsent):
                    self._lanes.reach(message.lane)
                    if work.outbox.end(message, self._owner, MessageState.SENT, now) and unsent is not None:
                        _tell_unsent(work, unsent, now)
                    return MessageState.SENT
                case Nothing():
                    work.outbox.remove(message, self._owner)
                case Unsent():
                    if work.outbox.remove(message, self._owner):
                        _tell_unsent(work, outcome, now)
                case Later(until):
                    work.outbox.hold_back(message, self._owner, max(until, now + SOONEST))
                case Dead(error):
                    self._lanes.reach(message.lane)
                    work.outbox.end(message, self._owner, MessageState.DEAD, now, error[:LONGEST_ERROR])
                    return MessageState.DEAD
                case Retry():
                    return self._try_later(work.outbox, message, outcome, now)
        return None

    def _try_later(
        self, outbox: Outbox, message: OutboxMessage, failed: Retry, now: datetime
    ) -> MessageState | None:
        error = failed.error[:LONGEST_ERROR]
        if failed.perhaps_sent:
            outbox.doubt(message, self._owner)
        give_up = now - timedelta(seconds=self._service.settings.outbox_give_up)
        if failed.is_setup or failed.is_of_lane:
            self._lanes.pause(message.lane, now, self._pause(1))
        else:
            self._lanes.reach(message.lane)
        if failed.is_of_lane and not failed.is_setup:
            for _ in range(outbox.end_late(message.lane, give_up, now, error, GIVEN_UP_AT_ONCE)):
                self._service.metrics.add(f"outbox_{MessageState.DEAD}", message.kind)
        if message.late_at < give_up and not failed.is_setup:
            outbox.end(message, self._owner, MessageState.DEAD, now, error)
            return MessageState.DEAD
        outbox.postpone(message, self._owner, now + self._pause(message.tries), error)
        return None

    def _pause(self, tries: int) -> timedelta:
        """How long to wait after that many tries: doubled each time up to `LONGEST_PAUSE`, and some more at random."""
        first = timedelta(seconds=self._service.settings.mail_retry)
        doublings = min(tries - 1, 20)  # by then it is the longest, whatever the first was
        jitter: float = random.uniform(1, 1 + JITTER)  # noqa: S311 - no secret
        return min(first * 2.0**doublings, LONGEST_PAUSE) * jitter


def _tell_unsent(work: UnitOfWork, unsent: Unsent, now: datetime) -> None:
    for data in unsent.left_out:
        work.events.add(NewEvent(kind=EventKind.UNSENT, at=now, data=data, only=unsent.listener))


class _Clock:
    """Sees that the clock of the machine was set, by one that only counts."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._difference = self._now()
        self._trusted_at = float("-inf")

    def was_set(self) -> bool:
        """Whether it was set since this was asked last."""
        difference = self._now()
        was_set = abs(difference - self._difference) > STEP.total_seconds()
        self._difference = difference
        if was_set:
            self._trusted_at = time.monotonic() + 2 * RENEW_SECONDS
        return was_set

    def is_trusted(self) -> bool:
        """Whether it tells that a lease has ended: the others need time to renew theirs by the new one."""
        return time.monotonic() >= self._trusted_at

    def _now(self) -> float:
        return self._service.now().timestamp() - time.monotonic()


def _told(outcome: Outcome) -> dict[str, str]:
    error = getattr(outcome, "error", None)
    return {"outcome": type(outcome).__name__.lower()} | ({} if error is None else {"error": error})


def deliver_beside(service: Service, wait: Wait) -> threading.Thread:
    """Deliver in a thread of this process until *wait* says that it is time to stop; give the thread."""
    thread = threading.Thread(target=Delivery(service, wait).run, name="outbox")
    thread.start()
    return thread
