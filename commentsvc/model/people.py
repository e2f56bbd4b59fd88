"""What people did, and where they are signed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from msgspec import Struct

from commentsvc.model.telling import MailChoice
from commentsvc.model.terms import Role, Scope

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


class Person(Struct, frozen=True):
    """Somebody with an account; `sites` are slugs, or None for all.

    `invited_until` is when the invitation ends of who has not accepted it yet.
    """

    id: str
    email: str
    name: str | None
    role: Role
    sites: list[str] | None
    second_factor: bool
    invited_until: datetime | None


class InvitedPerson(Person, frozen=True):
    """Somebody who was invited; `invitation` is the link, which cannot be shown again."""

    invitation: str


class Myself(Person, frozen=True):
    """The person who asks, with what they are told of by mail."""

    mail: MailChoice


class ApiToken(Struct, frozen=True):
    """An API token, never its secret; `site` is None where it holds for all, `used_at` is right to five minutes."""

    id: str
    scope: Scope
    site: str | None
    label: str | None
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None


class NewApiToken(ApiToken, frozen=True):
    """An API token that was just made, with its secret, which cannot be shown again."""

    token: str


@dataclass(frozen=True, slots=True)
class Browser:
    """With what somebody signs in: its name, such as `Firefox, Linux`, and the language that it asks for.

    `is_known`: the account signed in with it before.
    """

    name: str
    language: str
    is_known: bool = False


@dataclass(frozen=True, slots=True)
class SignedInSession:
    """One browser on which somebody is signed in; `current` is the one that asks."""

    id: str
    person: str
    browser: str
    began_at: datetime
    used_at: datetime
    current: bool
