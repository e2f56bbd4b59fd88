"""When a mail may be sent: no more than so many an hour, to one address and in all."""

from __future__ import annotations

from datetime import datetime, timedelta

from commentsvc.records import OutboxMessage
from commentsvc.settings import Settings
from commentsvc.storage.unit_of_work import UnitOfWork

HOUR = timedelta(hours=1)
LEASE = timedelta(minutes=1)  # at the end of which what is being sent would be due again
EVER = timedelta(days=3650)
MOST_AHEAD = 2000  # messages that are counted in a queue
LANE, FIRST_LANE = "mail", "mail:first"
GO_FIRST = frozenset({"access", "account", "confirm"})
"""What somebody waits for: it is sent before all else."""


def lane_of(about: str) -> str:
    """The lane of the outbox for mail of that `X-Comments-Kind`."""
    return FIRST_LANE if about in GO_FIRST else LANE


def let_out(work: UnitOfWork, settings: Settings, message: OutboxMessage, now: datetime) -> datetime | None:
    """Let *message* out, or give when it may be sent at the earliest, as a rate is reached.

    Messages are decided about one after the other, so that two at once are not let out for one place.
    """
    work.mail_rates.lock()
    until = _of_all(work, settings.mail_per_hour, message, now) or _of_address(
        work, settings.mail_per_address, message, now
    )
    if until is None:
        work.mail_rates.let_out(message.id, now)
    return until


def _of_address(work: UnitOfWork, most: int, message: OutboxMessage, now: datetime) -> datetime | None:
    if message.recipient is None or message.lane == FIRST_LANE:  # of these only so many are made
        return None
    let_out_at = work.mail_rates.let_out_at(most - 1, now - HOUR, now, message.id, message.recipient)
    return None if let_out_at is None else let_out_at + HOUR


def _of_all(work: UnitOfWork, most: int, message: OutboxMessage, now: datetime) -> datetime | None:
    rates = work.mail_rates
    kept_free = 0
    if message.lane != FIRST_LANE:  # for each that waits to go first there is to be a place
        kept_free = rates.waiting(FIRST_LANE, now - EVER, now + LEASE, min(most, MOST_AHEAD))
    last = most - 1 - kept_free  # so many newer ones leave one place
    if last >= 0 and rates.let_out_at(last, now - HOUR, now, message.id, None) is None:
        return None
    # Each waits for a place of its own: all of them would come back at once otherwise, for one that may be sent.
    hours, place = divmod(rates.held_back(message.lane, now, now + 4 * HOUR, MOST_AHEAD), most)
    let_out_at = rates.let_out_at(max(last - place, 0), now - HOUR, now, message.id, None)
    return (let_out_at or now) + HOUR * (1 + hours)
