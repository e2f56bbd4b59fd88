"""Rules as moderators keep them: checked, put into one spelling, their e-mail addresses sealed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime

from msgspec import structs

from commentsvc import patterns
from commentsvc.errors import Invalid
from commentsvc.ids import fresh_id
from commentsvc.messages import message
from commentsvc.model import BlockKind, Rule, When
from commentsvc.moderation import blocks
from commentsvc.privacy.keys import AddressKeys
from commentsvc.privacy.opening import open_address
from commentsvc.privacy.sealing import seal
from commentsvc.records import NewRule, StoredRule
from commentsvc.storage.unit_of_work import UnitOfWork
from commentsvc.unicode_text import has_surrogate, is_visible
from commentsvc.writing import SCRIPTS

LONGEST_NAME = 100  # characters
MOST_RULES = 100  # of a site, and as many of all sites: a post looks at each

_HOURS = re.compile(r"([01][0-9]|2[0-4])-([01][0-9]|2[0-4])", re.ASCII)

Normalise = Callable[[str], str]


def normalised(when: When, spelling_of_email: Normalise) -> When:
    """Give *when* in the spelling in which its values are compared.

    :raises Invalid: a value is none, or there is no condition at all; the error tells which.
    """
    of_kind = {
        "words": BlockKind.WORD,
        "domains": BlockKind.DOMAIN,
        "networks": BlockKind.RANGE,
        "email_domains": BlockKind.DOMAIN,
        "authors": BlockKind.AUTHOR,
    }
    ways: dict[str, Normalise] = {
        name: lambda value, kind=kind: blocks.normalised(kind, value) for name, kind in of_kind.items()
    } | {
        "emails": lambda value: blocks.normalised(BlockKind.EMAIL, spelling_of_email(value)),
        "names": _name,
        "scripts": _script,
    }
    try:
        lists = {
            name: _each(name, values, way)
            for name, way in ways.items()
            if (values := getattr(when, name)) is not None
        }
        if when.pattern is not None:
            patterns.compiled(when.pattern)
        if when.hours is not None:
            _check_hours(when.hours)
    except ValueError as wrong:
        raise Invalid({"when": [str(wrong)]}) from None
    if when == When():
        raise Invalid({"when": [message("A rule has at least one condition.")]})
    return structs.replace(when, **lists)


def _each(name: str, values: Iterable[str], way: Normalise) -> tuple[str, ...]:
    for value in values:
        if has_surrogate(value) or "\0" in value:
            raise ValueError(message("One of “%(name)s” holds a character that no text can hold.", name=name))
    return tuple(dict.fromkeys(map(way, values)))


def _name(value: str) -> str:
    value = value.strip()
    if len(value) > blocks.LONGEST_WORD or not any(map(is_visible, value)):
        raise ValueError(
            message("A name has 1 to %(most)s characters that can be seen.", most=blocks.LONGEST_WORD)
        )
    return value


def _script(value: str) -> str:
    code = value.strip().capitalize()
    if code not in SCRIPTS:
        raise ValueError(
            message("A script is a code of ISO 15924, such as Latn, Cyrl, Arab or Hani (Chinese characters).")
        )
    return code


def _check_hours(value: str) -> None:
    found = _HOURS.fullmatch(value)
    if found is None or int(found[1]) % 24 == int(found[2]) % 24:
        raise ValueError(message("Hours are two full hours of UTC, such as 22-06 for 22:00 up to 06:00."))


def create(work: UnitOfWork, rule: NewRule, keys: AddressKeys, now: datetime) -> StoredRule:
    """Store a rule whose `when` is normalised and names its e-mail addresses as they were typed."""
    public_id = fresh_id()
    row_id = work.rules.add(rule, public_id, now)
    return _seal(work, row_id, public_id, rule.when.emails or (), keys)


def change(
    work: UnitOfWork, stored: StoredRule, before: NewRule, rule: NewRule, keys: AddressKeys
) -> StoredRule:
    """Give a stored rule, which had the contents *before*, others; as for `create`."""
    work.rules.replace(stored.id, rule)
    if rule.when == before.when:  # its addresses stay sealed as they are
        return _written(work, stored.public_id)
    return _seal(work, stored.id, stored.public_id, rule.when.emails or (), keys)


def _seal(
    work: UnitOfWork, row_id: int, public_id: str, emails: Iterable[str], keys: AddressKeys
) -> StoredRule:
    addresses = [seal(email, public_id, keys) for email in emails]
    work.rules.set_addresses(row_id, [(address.sealed, address.lookup) for address in addresses])
    return _written(work, public_id)


def _written(work: UnitOfWork, public_id: str) -> StoredRule:
    stored = work.rules.by_public_id(public_id)
    assert stored is not None  # noqa: S101 - it was written a moment ago
    return stored


def opened(work: UnitOfWork, stored: StoredRule, keys: AddressKeys) -> Rule:
    """A rule as moderators see it, with its e-mail addresses."""
    emails = None
    if stored.names_addresses:
        emails = tuple(
            open_address(sealed, stored.public_id, keys) for sealed in work.rules.addresses(stored.id)
        )
    return Rule(
        stored.public_id,
        stored.site,
        stored.name,
        structs.replace(stored.when, emails=emails),
        stored.outcome,
        stored.mode,
        stored.until,
        stored.note,
        stored.created_at,
    )
