"""Events that somebody may have to be told of, and the messages that tell them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from commentsvc.model import EventKind, MessageKind, MessageState, WaitingMail


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """Something that happened, to be written in the transaction that makes it true.

    `by` is the id of the actor who did it, if a person of the staff did. `data` holds ids and states, never a text,
    a name or an address. Where `only` names a listener, no other is asked. `failures` is how often that one could not
    take it in, and `due_at` when it is asked again.
    """

    kind: EventKind
    at: datetime
    site_id: int | None = None
    thread_id: int | None = None
    comment_id: int | None = None
    by: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    only: str | None = None
    failures: int = 0
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """As `NewEvent`, with the number of its row."""

    id: int
    kind: EventKind
    at: datetime
    site_id: int | None
    thread_id: int | None
    comment_id: int | None
    by: str | None
    data: Mapping[str, Any]
    only: str | None
    failures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """A message to one receiver. What it says is settled when it is sent: `data` holds ids alone, and no address.

    :param about: the `X-Comments-Kind` of a mail, the type of a webhook's body.
    :param receiver: the domain or host that operators see.
    :param lane: what one slow receiver delays, and no more: `mail`, `mail:first`, or a host.
    :param recipient: of a mail, the keyed digest of the address, by which its rate is counted.
    :param due_at: when it is to be sent; at once where it is None.
    :param once: what it tells of to whom, at most 200 characters: a second message with the same is not stored.
    :param forget_at: when no second can come any more, so that *once* may be forgotten; None: it may come for ever.
    """

    kind: MessageKind
    about: str
    receiver: str
    lane: str
    data: Mapping[str, Any]
    recipient: bytes | None = None
    site_id: int | None = None
    thread_id: int | None = None
    due_at: datetime | None = None
    once: str | None = None
    forget_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """A message in the outbox.

    `public_id` is known to its receiver, and the same at each try. `late_at` is the time from which on it is late:
    a rate that holds it back moves that on, a failure does not. It was `perhaps_sent` where nobody knows whether a try arrived.
    """

    id: int
    public_id: str
    kind: MessageKind
    about: str
    receiver: str
    lane: str
    recipient: bytes | None
    site_id: int | None
    thread_id: int | None
    data: Mapping[str, Any]
    state: MessageState
    tries: int
    created_at: datetime
    due_at: datetime
    late_at: datetime
    error: str | None
    perhaps_sent: bool


@dataclass(frozen=True, slots=True)
class OutboxState:
    """How much waits, how many seconds the oldest of it is late, and how much died in the last day and since a restore.

    `set_aside` is how many events no message was made of, as a listener fails with them: a fault of the program.
    """

    waiting: int
    oldest_seconds: int
    dead: int
    set_aside: int


@dataclass(frozen=True, slots=True)
class StoredMailChoice:
    """What an account wants to be told of; see `storage.tables.MailChoiceRow`. `sites` is None for all of its own."""

    waiting: WaitingMail
    reports: bool
    sites: frozenset[int] | None
    language: str | None
    batch: int
    due_at: datetime | None
    attempts_told_at: datetime | None
