"""Seal stored addresses again under the keys that are used now, some at a time."""

from __future__ import annotations

from collections.abc import Sequence

from commentsvc.moderation import addresses
from commentsvc.privacy.sealing import SealedAddress
from commentsvc.records import Holder, StoredAddress
from commentsvc.service import Service
from commentsvc.storage.unit_of_work import UnitOfWork

MOST = 200  # rows of one step: to open and to seal them takes 10 ms

Resealed = tuple[StoredAddress, SealedAddress]


def find(work: UnitOfWork, holder: Holder, after: int) -> list[StoredAddress]:
    """Some addresses of comments, blocks, rules or reports, from behind the row number *after* on."""
    return work.addresses.some(holder, after, MOST)


def seal_again(service: Service, rows: Sequence[StoredAddress]) -> tuple[list[Resealed], bool]:
    """Seal those of *rows* again that other keys sealed; tell too whether one is of a key here and does not open."""
    resealed = ((row, addresses.reseal(row, service.address_keys)) for row in rows)
    done = [(row, sealed) for row, sealed in resealed if sealed is not None]
    return done, any(addresses.is_damaged(row, service.address_keys) for row in rows)


def store(work: UnitOfWork, holder: Holder, resealed: Sequence[Resealed]) -> int:
    """Store what was sealed again, where nobody erased or changed it in between; give how many."""
    stored = 0
    for row, address in resealed:
        if work.addresses.reseal(holder, row, address.sealed, address.lookup):
            stored += 1
            if address.lookup != row.lookup:
                work.mail_addresses.move(row.lookup, address.lookup)
                work.outbox.move(row.lookup, address.lookup)
    return stored
