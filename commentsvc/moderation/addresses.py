"""Whether moderators can read the addresses (a backup may have come back without its keys), and their domains."""

from __future__ import annotations

from commentsvc.privacy.keys import AddressKeys
from commentsvc.privacy.opening import UNREADABLE, open_address
from commentsvc.privacy.sealing import header, lookup
from commentsvc.storage.unit_of_work import UnitOfWork


def all_can_be_read(work: UnitOfWork, keys: AddressKeys) -> bool:
    """Whether *keys* are all that sealed anything here. Looks at every address: for the first time alone."""
    headers = [header(name) for name in keys.sealing]
    return can_be_read(work, keys) and not work.addresses.are_sealed_otherwise(headers)


def can_be_read(work: UnitOfWork, keys: AddressKeys) -> bool:
    """Whether the oldest and the newest address open with *keys*, and are found by them; blocked ones too."""
    for row in work.addresses.oldest_and_newest():
        email = open_address(row.sealed, row.public_id, keys)
        if email == UNREADABLE or lookup(email, keys) != row.lookup:
            return False
    return True


def opened_domain(public_id: str, sealed: bytes, keys: AddressKeys) -> str:
    """The domain of an address, which rules may name; of the address itself nothing is given."""
    return open_address(sealed, public_id, keys).rpartition("@")[2]
