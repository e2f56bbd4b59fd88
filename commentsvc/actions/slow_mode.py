"""Slow mode: one comment per author and network within a time, in one thread."""

from __future__ import annotations

import hashlib
import hmac
import math
from datetime import datetime, timedelta

from commentsvc.errors import SlowMode
from commentsvc.model import Client
from commentsvc.rate_limits.networks import networks_of
from commentsvc.records import StoredThread
from commentsvc.service import Service
from commentsvc.storage.unit_of_work import UnitOfWork

OF_ONE_CUSTOMER = 2  # an IPv6 /64 and the /56 around it; in a /48 of a mobile network thousands may read
LONGEST_SECONDS = 7 * 24 * 3600


def take_turn(
    service: Service,
    work: UnitOfWork,
    thread: StoredThread,
    author_id: str,
    client: Client | None,
    now: datetime,
) -> None:
    """Let an author post in *thread*, which is locked; others of the same network then wait, too.

    :raises SlowMode: the author, or somebody of that network, posted there a short while ago.
    """
    if not thread.slow_mode_seconds:
        return
    networks = networks_of(client.ip)[:OF_ONE_CUSTOMER] if client else ()
    whose = [f"author {author_id}", *(f"network {network}" for network in networks)]
    key = service.keys.derive("slow mode")
    # With the pause in it nobody waits for one that was too long, once a moderator has shortened it.
    where = f"{thread.id} {thread.slow_mode_seconds}"
    digests = [hmac.digest(key, f"{where} {who}".encode(), hashlib.sha256) for who in whose]
    until = work.slow_mode.until(digests)
    if until is not None and until > now:
        raise SlowMode(1, math.ceil((until - now).total_seconds()))
    work.slow_mode.note(digests, now + timedelta(seconds=thread.slow_mode_seconds))
