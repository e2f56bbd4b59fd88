"""Seals an e-mail address for storage, and makes the keyed hash by which it can be found.

Nothing here opens what was sealed; `privacy.opening` does, for moderators, their rules and the operator's exports alone.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import unicodedata
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from commentsvc.privacy.keys import AddressKeys, Keys
from commentsvc.records import Lookups

NONCE_BYTES = 12
KEY_ID_BYTES = 8
VERSION = b"\x01"


@dataclass(frozen=True, slots=True)
class SealedAddress:
    """What is stored of an address: `sealed` opens with a key, `lookup` is compared."""

    sealed: bytes
    lookup: bytes


def seal(email: str, bound_to: str, keys: AddressKeys) -> SealedAddress:
    """Seal *email* for the row that *bound_to* names (a comment's or a block's public id).

    AES-256-GCM (NIST SP 800-38D) with the row's name as associated data: what is moved to
    another row does not open. Layout: version, length of the key's name, name, nonce, text.
    """
    nonce = os.urandom(NONCE_BYTES)
    text = AESGCM(keys.sealing[keys.current]).encrypt(nonce, email.encode(), bound_to.encode())
    return SealedAddress(header(keys.current) + nonce + text, lookup(email, keys))


def header(name: str) -> bytes:
    """What everything begins with that the key of that name sealed."""
    encoded = name.encode()
    return VERSION + bytes([len(encoded)]) + encoded


def lookup(email: str, keys: AddressKeys) -> bytes:
    """Give the keyed hash of *email* after NFC and case folding of the whole address."""
    return _lookup(email, keys.lookup)


def lookups(email: str, keys: AddressKeys) -> Lookups:
    """Give the keyed hashes under which rows of *email* may be stored."""
    first, *others = [_lookup(email, key) for key in keys.lookups.values()]
    return first, others[0] if others else first


def person_digests(email: str, keys: AddressKeys) -> dict[str, str]:
    """What stands for who has the address *email* outside the database: a keyed hash by the id of each key there is.

    The key that makes the hash of addresses that are stored now comes first. Both are hexadecimal digits; neither is found in the database's rows.
    """
    newest_first = {keys.lookup_name: keys.lookup} | keys.lookups
    return {
        _person_key_id(key): _lookup(email, Keys(key).derive("person")).hex() for key in newest_first.values()
    }


def person_key_ids(keys: AddressKeys) -> set[str]:
    """The ids of the keys that `person_digests` uses."""
    return {_person_key_id(key) for key in keys.lookups.values()}


def _person_key_id(key: bytes) -> str:
    return Keys(key).derive("person's key", KEY_ID_BYTES).hex()


def _lookup(email: str, key: bytes) -> bytes:
    return hmac.digest(key, folded(email).encode(), hashlib.sha256)


def folded(email: str) -> str:
    """*email* in the one form in which its spellings are compared."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", email).casefold())
