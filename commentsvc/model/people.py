"""What people did, and where they are signed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from msgspec import Struct


class AuditEntry(Struct, frozen=True):
    """A line of the audit trail: who did what when, to people, tokens, sites, blocks or threads.

    `by` is the opaque id of a person or an API token, `operator` at the command line, empty for a stranger.
    """

    id: str
    at: datetime
    by: str
    by_name: str
    kind: str
    what: dict[str, Any]


@dataclass(frozen=True, slots=True)
class SignedInSession:
    """One browser on which somebody is signed in; `current` is the one that asks."""

    id: str
    browser: str
    began_at: datetime
    used_at: datetime
    current: bool
