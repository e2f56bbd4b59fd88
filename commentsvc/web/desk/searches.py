"""What a moderator typed into the search, sealed for the address of the page that shows what was found.

An address of a page stands in logs of proxies, in histories and in what people pass on; an e-mail
address must not. Sealed by AES-SIV (as cursors are, docs/decisions/0001), the same search has the same address. It is opened
for who typed it alone: they may pass it on to somebody who may see no address.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from commentsvc.service import Service
from commentsvc.threads import cursors

LISTING = "search at the desk"
LONGEST_FIELD = 321  # characters: one more than a search may have, so that it is still told to be too long
LONGEST = 4000  # characters of two sealed fields


def sealed(service: Service, person: str, typed: Mapping[str, str]) -> str:
    """Give the fields that this person, by the id of their account, *typed* as one opaque text."""
    cut = {name: value[:LONGEST_FIELD] for name, value in typed.items()}
    return cursors.seal(
        msgspec.json.encode(cut).decode(), f"{LISTING} {person}", service.keys.derive("search", 64)
    )


def opened(service: Service, person: str, search: str) -> dict[str, str]:
    """Give the fields again; none where it is not theirs, so that an old address shows the queue."""
    try:
        typed = cursors.unseal_any(
            search, f"{LISTING} {person}", service.keys.derive_each("search", 64), LONGEST
        )
    except cursors.BadCursor:
        return {}
    return msgspec.json.decode(typed, type=dict[str, str])
