"""A rule as a form has it: lists a value a line, numbers and days as text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from commentsvc.errors import Invalid
from commentsvc.messages import Message, message
from commentsvc.model import BlockAction, CheckMode, When
from commentsvc.web.languages import translated

# The conditions, as the page names them.
LISTS = {
    "words": message("Words or phrases"),
    "domains": message("Linked domains"),
    "names": message("Names"),
    "emails": message("Email addresses"),
    "email_domains": message("Domains of email addresses"),
    "networks": message("Networks"),
    "authors": message("Author IDs"),
    "scripts": message("Scripts (ISO 15924, such as Cyrl)"),
}
NUMBERS = {
    "links_at_least": message("At least so many links"),
    "thread_older_than_days": message("Thread older than so many days"),
}
TEXTS = {"pattern": message("Pattern (RE2)"), "hours": message("Hours (UTC), such as 22-06")}
FIRST = "first_comment"


def when_of(sent: Mapping[str, str]) -> When:
    """The conditions that a form was filled in with.

    :raises Invalid: a number is none, or a list is too long.
    """
    given: dict[str, Any] = {}
    for name in LISTS:
        if values := [line.strip() for line in sent.get(name, "").splitlines() if line.strip()]:
            given[name] = values
    for name in NUMBERS:
        if raw := sent.get(name, "").strip():
            given[name] = _number(raw, NUMBERS[name])
    for name in TEXTS:
        if raw := sent.get(name, "").strip():
            given[name] = raw
    if sent.get(FIRST):
        given[FIRST] = True
    try:
        return msgspec.convert(given, When)
    except msgspec.ValidationError as wrong:
        raise Invalid({"when": [f"{wrong}."]}) from None


def fields_of(when: When) -> list[tuple[Message, str]]:
    """The conditions of a rule in words: what is asked for, and the values."""
    told = [
        (label, ", ".join(map(translated, values)))
        for name, label in LISTS.items()
        if (values := getattr(when, name))
    ]
    for name, label in (TEXTS | NUMBERS).items():
        if (value := getattr(when, name)) is not None:
            told.append((label, str(value)))
    return [*told, (message("First comment of its author"), "")] if when.first_comment else told


def outcome_of(sent: Mapping[str, str]) -> BlockAction:
    """What happens to what the rule catches.

    :raises Invalid: that is none.
    """
    try:
        return BlockAction(sent.get("outcome", ""))
    except ValueError:
        raise Invalid({"outcome": [message("Choose hold, spam or reject.")]}) from None


def mode_of(sent: Mapping[str, str]) -> CheckMode:
    """Whether the rule is on, off or watching.

    :raises Invalid: that is none.
    """
    try:
        return CheckMode(sent.get("mode", ""))
    except ValueError:
        raise Invalid({"mode": [message("Choose off, watching or on.")]}) from None


def until_of(sent: Mapping[str, str]) -> datetime | None:
    """The day at whose beginning (UTC) the rule ends; None where it has no end.

    :raises Invalid: it is no day.
    """
    raw = sent.get("until", "").strip()
    if not raw:
        return None
    try:
        return datetime.strptime(raw, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise Invalid({"until": [message("The end is a day, such as 2027-01-31.")]}) from None


def _number(raw: str, label: Message) -> int:
    if not (raw.isascii() and raw.isdigit() and len(raw) < 10):
        raise Invalid({"when": [message("%(field)s: this must be a whole number.", field=translated(label))]})
    return int(raw)
