"""Times as exports write them."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from commentsvc.transfer.foreign import Moment

MILLISECONDS_FROM = 100_000_000_000  # as seconds that would be the year 5138; as milliseconds it is 1973
EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)  # what is before that is no date: it is an empty field
_NUMBER = re.compile(r"-?\d+(\.\d*)?")
_LONG_FRACTION = re.compile(r"(\.\d{6})\d+")
_GMT = re.compile(r"GMT([+-]\d{4})")  # as JavaScript writes it
_DAY_AND_TIME = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?")


def read_moment(raw: Moment) -> datetime | None:
    """Give the time that *raw* means, in UTC; None where there is none, or it is no time."""
    if isinstance(raw, datetime):
        moment: datetime | None = raw
    elif isinstance(raw, bool) or raw is None:
        return None
    elif isinstance(raw, int | float):
        moment = _since_1970(raw)
    else:
        moment = _written(raw.strip())
    if moment is None:
        return None
    try:
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (OverflowError, ValueError):
        return None
    return moment if moment >= EARLIEST else None


def _since_1970(number: float) -> datetime | None:
    try:
        if not math.isfinite(number):
            return None
        return datetime.fromtimestamp(number / 1000 if abs(number) >= MILLISECONDS_FROM else number, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def _written(text: str) -> datetime | None:
    if not text or len(text) > 100:
        return None
    if _NUMBER.fullmatch(text) and len(text) < 25:
        return _since_1970(float(text))
    try:
        return datetime.fromisoformat(_LONG_FRACTION.sub(r"\1", text).replace(" UTC", "+00:00"))
    except ValueError:
        pass
    try:
        return parsedate_to_datetime(_GMT.sub(r"\1", text))
    except (ValueError, IndexError, OverflowError, TypeError):
        pass
    return _loosely(text)


def _loosely(text: str) -> datetime | None:
    """A day and a time with slashes, or without leading zeros."""
    found = _DAY_AND_TIME.fullmatch(text)
    if found is None:
        return None
    try:
        return datetime(*(int(part or 0) for part in found.groups()), tzinfo=UTC)  # type: ignore[arg-type, misc]
    except ValueError:
        return None
