"""Days that are chosen in a form, which names them without a time."""

from __future__ import annotations

import re

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def moment_of(chosen: str) -> str:
    """The beginning of a day, in UTC; what is no day, as it was given."""
    return f"{chosen}T00:00:00Z" if _DAY.fullmatch(chosen) else chosen
