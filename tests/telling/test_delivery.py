"""The outbox: what happened is told once, tried again with pauses that grow, and never lost."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from commentsvc.model import EventKind, MessageKind, MessageState
from commentsvc.notifications import delivery, fan_out
from commentsvc.notifications.kind import Dead, Later, Nothing, Outcome, Retry, Sent
from commentsvc.records import NewEvent, NewMessage, OutboxMessage, StoredEvent
from commentsvc.service import Service
from commentsvc.storage.unit_of_work import UnitOfWork
from tests.databases import on_both
from tests.people import Reader
from tests.running_service import InProcess
from tests.telling.delivering import deliver

__all__ = ["on_both"]  # found here by the tests


@dataclass
class Receivers:
    """Two receivers who want to know of each public comment, and answer as `answers` says."""

    hosts: tuple[str, ...] = ("quick.example", "slow.example")
    answers: dict[str, Outcome] = field(default_factory=dict)
    tried: list[tuple[str, str]] = field(default_factory=list)
    slow: threading.Event | None = None
    name = "test"
    kind = MessageKind.WEBHOOK

    def messages(
        self, service: Service, work: UnitOfWork, event: StoredEvent
    ) -> Iterable[NewMessage | NewEvent]:
        if event.kind is EventKind.PUBLIC:
            for host in self.hosts:
                comment = event.data["comment"]
                yield NewMessage(
                    kind=self.kind,
                    about="test",
                    receiver=host,
                    lane=host,
                    data={"comment": comment},
                    once=f"test:{host}:{comment}",
                )

    def send(self, service: Service, message: OutboxMessage) -> Outcome:
        if self.slow is not None and message.receiver == "slow.example":
            assert self.slow.wait(30)
        self.tried.append((message.receiver, message.public_id))
        return self.answers.get(message.receiver, Sent())


@pytest.fixture
def receivers(monkeypatch: pytest.MonkeyPatch) -> Receivers:
    here = Receivers()
    monkeypatch.setattr(fan_out, "LISTENERS", (here,))
    monkeypatch.setitem(delivery.SENDERS, MessageKind.WEBHOOK, here)
    return here


def states(service: InProcess) -> list[tuple[str, MessageState, int]]:
    with service.ours.reading() as work:
        return [(one.receiver, one.state, one.tries) for one in work.outbox.latest(None, None, None, 100)]


def test_each_receiver_is_told_once(service: InProcess, reader: Reader, receivers: Receivers) -> None:
    reader.post("a", "First.")
    deliver(service)
    deliver(service)
    assert sorted(host for host, _ in receivers.tried) == ["quick.example", "slow.example"]
    assert {state for _, state, _ in states(service)} == {MessageState.SENT}


def test_what_fails_is_tried_again_with_pauses_that_grow_until_it_is_given_up(
    service: InProcess, reader: Reader, receivers: Receivers
) -> None:
    receivers.hosts = ("slow.example",)
    receivers.answers["slow.example"] = Retry("503")
    reader.post("a", "First.")
    clock, begun = service.clock, service.clock.now
    pauses = []
    deliver(service)
    while states(service)[0][1] is MessageState.WAITING:
        before = clock.now
        with service.ours.reading() as work:
            clock.now = work.outbox.latest(None, None, None, 1)[0].due_at
        pauses.append((clock.now - before).total_seconds())
        deliver(service)
    assert 60 <= pauses[0] <= 75
    assert 120 <= pauses[1] <= 150
    assert max(pauses) <= 4 * 3600 * 1.25
    assert timedelta(days=2) < clock.now - begun < timedelta(days=2, hours=5)
    assert states(service) == [("slow.example", MessageState.DEAD, len(pauses) + 1)]
    assert len({public_id for _, public_id in receivers.tried}) == 1


@pytest.mark.parametrize(
    ("answer", "expected"),
    [(Dead("410"), [("quick.example", MessageState.DEAD, 1)]), (Nothing(), [])],
    ids=["refused", "nothing"],
)
def test_what_is_refused_or_has_nothing_to_say_is_not_tried_again(
    service: InProcess, reader: Reader, receivers: Receivers, answer: Outcome, expected: list[object]
) -> None:
    receivers.hosts = ("quick.example",)
    receivers.answers["quick.example"] = answer
    reader.post("a", "First.")
    deliver(service)
    assert states(service) == expected


def test_what_a_rate_holds_back_waits_and_is_not_late(
    service: InProcess, reader: Reader, receivers: Receivers
) -> None:
    receivers.hosts = ("quick.example",)
    until = service.clock.now + timedelta(hours=1)
    receivers.answers["quick.example"] = Later(until)
    reader.post("a", "First.")
    deliver(service)
    service.clock.now += timedelta(minutes=59)
    with service.ours.reading() as work:
        state = work.outbox.state(service.clock.now)
    assert (state.waiting, state.oldest_seconds, len(receivers.tried)) == (1, 0, 1)
    receivers.answers.clear()
    service.clock.now = until
    deliver(service)
    assert states(service) == [("quick.example", MessageState.SENT, 1)]


def test_one_slow_receiver_delays_no_other(service: InProcess, reader: Reader, receivers: Receivers) -> None:
    receivers.slow = threading.Event()
    threading.Timer(0.5, receivers.slow.set).start()
    for text in ("First.", "Second.", "Third."):
        reader.post("a", text)
    deliver(service)
    assert [host for host, _ in receivers.tried[:3]] == ["quick.example"] * 3
    assert len(receivers.tried) == 6
