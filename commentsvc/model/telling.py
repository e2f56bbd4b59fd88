"""What people are told of, and by which way."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class EventKind(StrEnum):
    """What happened."""

    PUBLIC = "public"  # a comment became public
    GONE = "gone"  # it ceased to be
    EDITED = "edited"  # what is public of it changed
    HELD = "held"  # it waits for a moderator
    HIDDEN = "hidden"  # it came among the spam or into the trash
    REPORTED = "reported"
    DECIDED = "decided"  # a person or a program decided about it
    OBJECTED = "objected"  # its author objects to a decision
    ATTEMPTED = "attempted"  # somebody failed to sign in
    HOOK_DISABLED = "hook_disabled"  # a webhook that failed for a day; admins are told
    CONFIRMED = "confirmed"  # who asked for mail confirmed that it is wanted
    UNSENT = "unsent"  # a message about a comment was not sent, as that was not public by then
    ASKED = "asked"  # somebody asks by mail for what belongs to an address


class WaitingMail(StrEnum):
    """How often a moderator is told of what waits."""

    EACH = "each"
    HOURLY = "hourly"
    DAILY = "daily"
    NONE = "none"


class MailChoice(Struct, frozen=True):
    """What a moderator is told of by mail; `sites` are slugs, or None for all that are theirs."""

    waiting: WaitingMail
    reports: bool
    sites: list[str] | None


class MessageKind(StrEnum):
    """By which way somebody is told."""

    MAIL = "mail"
    WEBHOOK = "webhook"
    CHAT = "chat"
    WEBSUB = "websub"


class MessageState(StrEnum):
    """How far a message is; the last two are its ends."""

    WAITING = "waiting"
    SENT = "sent"
    DEAD = "dead"


class ListedMessage(Struct, frozen=True):
    """A message of the outbox: `about` is the kind of a mail or the type of a webhook's body, `to` a domain or host.

    `next_at` is when it is tried next, None where it has come to its end; `error` is a kind and a number of the last
    failure, and quotes nobody.
    """

    id: str
    kind: MessageKind
    about: str
    to: str
    state: MessageState
    tries: int
    next_at: datetime | None
    error: str | None
