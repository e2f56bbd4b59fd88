"""Whether moderators can read the addresses, their domains, and their sealing under newer keys.

A backup may have come back without its keys.
"""

from __future__ import annotations

from commentsvc.privacy.keys import AddressKeys
from commentsvc.privacy.opening import UNREADABLE, open_address
from commentsvc.privacy.sealing import SealedAddress, header, lookup, lookups, person_digests, seal
from commentsvc.records import Holder, Lookups, StoredAddress
from commentsvc.storage.unit_of_work import UnitOfWork

AT_ONCE = 500  # rows, where all are looked at


def all_can_be_read(work: UnitOfWork, keys: AddressKeys) -> bool:
    """Whether *keys* are all that sealed anything here. Looks at every address: for the first time alone."""
    headers = [header(name) for name in keys.sealing]
    return can_be_read(work, keys) and not work.addresses.are_sealed_otherwise(headers)


def can_be_read(work: UnitOfWork, keys: AddressKeys) -> bool:
    """Whether the oldest and the newest address open with *keys*, and are found by them; blocked ones too."""
    return all(_is_right(row, keys) for row in work.addresses.oldest_and_newest())


def count_unreadable(work: UnitOfWork, keys: AddressKeys) -> tuple[int, int]:
    """Open every address; give how many there are, and how many do not open or are not found by *keys*."""
    total = wrong = 0
    for holder in Holder:
        after = 0
        while rows := work.addresses.some(holder, after, AT_ONCE):
            total += len(rows)
            wrong += sum(not _is_right(row, keys) for row in rows)
            after = rows[-1].row_id
    return total, wrong


def lookups_of(work: UnitOfWork, comment_id: int, keys: AddressKeys) -> Lookups | None:
    """The hashes by which other rows of a comment's address are found; None where it was erased.

    Its own row has the hash under one key, others may have that under another: so it is opened, and shown to nobody.
    """
    return known_of(work, comment_id, keys)[0]


def known_of(work: UnitOfWork, comment_id: int, keys: AddressKeys) -> tuple[Lookups | None, str]:
    """As `lookups_of`, with the domain of the address, which rules may name; of the address itself nothing is given."""
    row = work.addresses.of_comment(comment_id)
    if row is None:
        return None, ""
    email = open_address(row.sealed, row.public_id, keys)
    if email == UNREADABLE:
        return (row.lookup, row.lookup), ""
    return lookups(email, keys), email.rpartition("@")[2]


def opened_for_owner(work: UnitOfWork, comment_id: int, keys: AddressKeys) -> str | None:
    """The address of a comment, for who reads its mail: a link that was sent there showed that; None where it was erased."""
    row = work.addresses.of_comment(comment_id)
    email = UNREADABLE if row is None else open_address(row.sealed, row.public_id, keys)
    return None if email == UNREADABLE else email


def opened_domain(public_id: str, sealed: bytes, keys: AddressKeys) -> str:
    """The domain of an address, which rules may name; of the address itself nothing is given."""
    email = open_address(sealed, public_id, keys)
    return "" if email == UNREADABLE else email.rpartition("@")[2]


def digests_of(row: StoredAddress, *all_keys: AddressKeys) -> set[str]:
    """The keyed hashes that stand for who has an address, outside the database, by any of *all_keys*.

    :param all_keys: the first of them open it.
    """
    email = open_address(row.sealed, row.public_id, all_keys[0])
    if email == UNREADABLE:
        return set()
    return {digest for keys in all_keys for digest in person_digests(email, keys).values()}


def reseal(row: StoredAddress, keys: AddressKeys) -> SealedAddress | None:
    """Seal an address again where the current keys did not; None where they did, or where it does not open."""
    email = open_address(row.sealed, row.public_id, keys)
    if email == UNREADABLE:
        return None
    if row.sealed.startswith(header(keys.current)) and row.lookup == lookup(email, keys):
        return None
    return seal(email, row.public_id, keys)


def is_damaged(row: StoredAddress, keys: AddressKeys) -> bool:
    """Whether a key that is here sealed it, and it does not open."""
    is_of_key_here = any(row.sealed.startswith(header(name)) for name in keys.sealing)
    return is_of_key_here and open_address(row.sealed, row.public_id, keys) == UNREADABLE


def _is_right(row: StoredAddress, keys: AddressKeys) -> bool:
    email = open_address(row.sealed, row.public_id, keys)
    return email != UNREADABLE and row.lookup in lookups(email, keys)
