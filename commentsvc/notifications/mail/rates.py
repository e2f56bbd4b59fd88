"""When a mail may be sent: no more than so many an hour, to one address and in all."""

from __future__ import annotations

from datetime import datetime, timedelta

from commentsvc.records import OutboxMessage
from commentsvc.settings import Settings
from commentsvc.storage.unit_of_work import UnitOfWork

HOUR = timedelta(hours=1)
LEASE = timedelta(minutes=1)  # in which what is being sent is due again
EVER = timedelta(days=3650)
MOST_AHEAD = 2000  # messages that are counted in a queue
LANE, FIRST_LANE = "mail", "mail:first"
GO_FIRST = frozenset({"access", "account", "confirm"})
"""What somebody waits for: it is sent before all else."""


def lane_of(about: str) -> str:
    """The lane of the outbox for mail of that `X-Comments-Kind`."""
    return FIRST_LANE if about in GO_FIRST else LANE


def held_back_until(
    work: UnitOfWork, settings: Settings, message: OutboxMessage, now: datetime
) -> datetime | None:
    """When *message* may be sent at the earliest, as a rate is reached; None where it may be now."""
    return _of_all(work, settings.mail_per_hour, message, now) or _of_address(
        work, settings.mail_per_address, message, now
    )


def _of_address(work: UnitOfWork, most: int, message: OutboxMessage, now: datetime) -> datetime | None:
    if message.recipient is None:
        return None
    sent_at = work.mail_rates.sent_at(most - 1, now - HOUR, now, message.recipient)
    return None if sent_at is None else sent_at + HOUR


def _of_all(work: UnitOfWork, most: int, message: OutboxMessage, now: datetime) -> datetime | None:
    """What is being sent counts as sent; for others than the first, what waits to go first does too."""
    rates = work.mail_rates
    taken = sum(rates.being_sent(lane, message.id, now, now + LEASE) for lane in (LANE, FIRST_LANE))
    if message.lane != FIRST_LANE:
        taken += rates.due(FIRST_LANE, now - EVER, now, min(most, MOST_AHEAD))
    sent_at = rates.sent_at(max(most - 1 - taken, 0), now - HOUR, now, None)
    if sent_at is None and taken < most:
        return None
    free_at = (sent_at or now - HOUR) + HOUR
    # Each has a place in the queue: all of them would come back at once otherwise, for one that may be sent.
    ahead = (
        rates.due(message.lane, now, now + 4 * HOUR, MOST_AHEAD) - 1
    )  # it is in its lane itself, under its lease
    return free_at + max(ahead, 0) * HOUR / most
