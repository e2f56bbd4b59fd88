"""Whether two stored addresses are one mailbox; of an address itself nothing is given.

Addresses are found by a hash that folds more than a mail server does: `straße@` and `strasse@` have one, and may be two people.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from dataclasses import dataclass

from commentsvc.privacy.keys import AddressKeys
from commentsvc.privacy.opening import UNREADABLE, open_address
from commentsvc.privacy.sealing import folded, lookups
from commentsvc.records import Lookups


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Where mail arrives.

    `lookups` find its address among stored ones, and `spelling` is the same for the same mailbox alone. By `mail` mail to it
    is counted and ended, see `mail_lookups`.
    """

    lookups: Lookups
    mail: Lookups
    spelling: bytes
    domain: str


def mailbox_of(sealed: bytes | None, bound_to: str | None, keys: AddressKeys) -> Mailbox | None:
    """The mailbox of an address that `sealing.seal` sealed for *bound_to*; None where that is gone, or does not open."""
    if sealed is None or bound_to is None:
        return None
    email = open_address(sealed, bound_to, keys)
    if email == UNREADABLE:
        return None
    return Mailbox(
        lookups(email, keys), mail_lookups(email, keys), spelling_of(email, keys), email.rpartition("@")[2]
    )


def spelling_of(email: str, keys: AddressKeys) -> bytes:
    """What is the same for two spellings of one mailbox: those that differ in case alone."""
    return _spelling_under(email, keys.lookup)


def mail_lookups(email: str, keys: AddressKeys) -> Lookups:
    """The keyed hashes by which mail to *email* is counted and ended: of no other mailbox, so that nobody silences another.

    They are those by which it is found, but for an address that is found as another's is written: `straße@` as `strasse@`.
    """
    if _spelled(email) == folded(email):
        return lookups(email, keys)
    first, *others = [_spelling_under(email, key) for key in keys.lookups.values()]
    return first, others[0] if others else first


def _spelling_under(email: str, key: bytes) -> bytes:
    return hmac.digest(key, f"mailbox {_spelled(email)}".encode(), hashlib.sha256)


def _spelled(email: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", email).lower())
