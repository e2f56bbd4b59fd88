"""What people did, and where they are signed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from msgspec import Struct

NAMELESS = "Moderator"
"""What a person without a display name is called where the e-mail address must not be named."""


class AuditEntry(Struct, frozen=True):
    """An entry of the audit log: who did what when, to comments, people, tokens, sites, blocks, rules or threads.

    `by` is the opaque id of a person or an API token, `operator` at the command line, `rule` where a check or a rule
    decided, empty for a stranger. `hash` is made of the entry and of the hash of the one before it.
    """

    id: str
    at: datetime
    by: str
    by_name: str
    kind: str
    what: dict[str, Any]
    hash: str


@dataclass(frozen=True, slots=True)
class SignedInSession:
    """One browser on which somebody is signed in; `current` is the one that asks."""

    id: str
    browser: str
    began_at: datetime
    used_at: datetime
    current: bool
