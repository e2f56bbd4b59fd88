"""Opens a sealed e-mail address. Moderation and exports alone may import this; `make check` holds it."""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from commentsvc.privacy.keys import AddressKeys
from commentsvc.privacy.sealing import NONCE_BYTES, VERSION

UNREADABLE = "(sealed with a key that is not here)"


def open_address(sealed: bytes, bound_to: str, keys: AddressKeys) -> str:
    """Give the address that `seal` sealed for *bound_to*.

    A moderator must be able to work after a key was lost: what does not open is shown as
    `UNREADABLE` rather than as an error.
    """
    if sealed[:1] != VERSION or len(sealed) < 2:
        return UNREADABLE
    end_of_name = 2 + sealed[1]
    key = keys.sealing.get(sealed[2:end_of_name].decode(errors="replace"))
    end_of_nonce = end_of_name + NONCE_BYTES
    if key is None:
        return UNREADABLE
    try:
        return (
            AESGCM(key)
            .decrypt(sealed[end_of_name:end_of_nonce], sealed[end_of_nonce:], bound_to.encode())
            .decode()
        )
    except (InvalidTag, ValueError):  # altered, or cut
        return UNREADABLE
