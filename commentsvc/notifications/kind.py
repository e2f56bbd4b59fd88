"""What listens to events, what sends messages, and how a try to send one ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from commentsvc.actions.sweep import EVENTS_KNOWN
from commentsvc.model import MessageKind
from commentsvc.records import NewEvent, NewMessage, OutboxMessage, StoredEvent
from commentsvc.service import Service
from commentsvc.storage.unit_of_work import UnitOfWork

TOLD_WITHIN = EVENTS_KNOWN + timedelta(days=1)
"""So long after it happened, nobody is told of anything any more: an event that fails is forgotten, an hour later at most."""


class Listener(Protocol):
    """Turns events into messages."""

    @property
    def name(self) -> str:
        """What it is called, at most 32 characters; an event that is for it alone says so."""

    def messages(
        self, service: Service, work: UnitOfWork, event: StoredEvent
    ) -> Iterable[NewMessage | NewEvent]:
        """What is to be sent because of *event*, some 500 messages at most, within the transaction that stores it.

        Where there are more, the last is an event for this listener alone that says where to go on.
        """


@dataclass(frozen=True, slots=True)
class Unsent:
    """What is not public now, and may become so again: the listener of that name is told, and makes it again then.

    :param left_out: for each thing the data of a message about it alone, with its `about`.
    """

    listener: str
    left_out: Sequence[Mapping[str, int | str]]


@dataclass(frozen=True, slots=True)
class Sent:
    """The receiver has taken it.

    :param unsent: what was left out of it.
    """

    unsent: Unsent | None = None


@dataclass(frozen=True, slots=True)
class Nothing:
    """There is nothing to send any more: by now it is withdrawn, stopped or erased."""


@dataclass(frozen=True, slots=True)
class Retry:
    """It failed, and is to be tried again: *error* is a kind and a number, and quotes nobody.

    :param is_setup: it is the fault of how this service is set up: it does not die of that.
    :param perhaps_sent: all of it was sent, and not answered.
    :param is_of_lane: the receiver cannot be reached at all, so nothing else of its lane can be sent now either.
    """

    error: str
    is_setup: bool = False
    is_of_lane: bool = False
    perhaps_sent: bool = False


@dataclass(frozen=True, slots=True)
class Dead:
    """It was refused for good: *error* is a kind and a number, and quotes nobody."""

    error: str


@dataclass(frozen=True, slots=True)
class Later:
    """A rate is reached: it is to be sent from then on, and is not late for that."""

    until: datetime


Outcome = Sent | Nothing | Unsent | Retry | Dead | Later


class Sender(Protocol):
    """Sends messages of one kind."""

    @property
    def kind(self) -> MessageKind:
        """Of which kind."""

    def send(self, service: Service, message: OutboxMessage) -> Outcome:
        """Try to send *message*, and say how that ended; what it says is settled now, from the database.

        It is called in a thread of its own, without a transaction. A fault that it does not know is a `Retry`.
        """
