"""What is sealed, and which keys there are."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

Lookups = tuple[bytes, bytes]
"""The keyed hashes of one address under the keys there are: twice the same where there is one key."""


class Holder(Enum):
    """What an address is stored with."""

    COMMENT = 0
    BLOCK = 1
    RULE = 2
    TOTP = 3  # the secret of an authenticator app, which is sealed as addresses are
    REPORT = 4
    NETWORK = 5  # that a comment came from, likewise
    WEBHOOK = 6  # what signs what is sent to it, likewise


@dataclass(frozen=True, slots=True)
class StoredAddress:
    """A sealed address, and its comment, block, rule, account, report or webhook: its own row's number, and the public id to which it is bound."""

    row_id: int
    public_id: str
    sealed: bytes
    lookup: bytes


class StoredKey(NamedTuple):
    """A key's name, and what tells it from another of the same name."""

    name: str
    check_value: bytes
