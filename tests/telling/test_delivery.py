"""The outbox: what happened is told once, tried again with pauses that grow, and never lost."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from commentsvc.actions.doctor import outbox_fault
from commentsvc.model import EventKind, MessageKind, MessageState
from commentsvc.notifications import delivery, fan_out
from commentsvc.notifications.kind import Dead, Later, Nothing, Outcome, Retry, Sent
from commentsvc.records import NewEvent, NewMessage, OutboxMessage, StoredEvent
from commentsvc.service import Service
from commentsvc.storage.database import BEHIND, POOL_SIZE
from commentsvc.storage.events import SET_ASIDE
from commentsvc.storage.unit_of_work import UnitOfWork
from tests.databases import on_both
from tests.people import Reader
from tests.running_service import InProcess, wait_until
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
    for text in ("First.", "Second.", "Third."):
        reader.post("a", text)
    delivering = threading.Thread(target=deliver, args=(service,))
    delivering.start()
    wait_until(lambda: len(receivers.tried) == 3)
    receivers.slow.set()
    delivering.join()
    assert [host for host, _ in receivers.tried[:3]] == ["quick.example"] * 3
    assert len(receivers.tried) == 6


def due_now(service: InProcess) -> int:
    with service.ours.reading() as work:
        return len(work.outbox.due(service.clock.now))


def put(service: InProcess, *lanes: str, times: int = 1) -> None:
    """Put so many messages into each lane."""
    with service.ours.unit_of_work() as work:
        for _ in range(times):
            for lane in lanes:
                told = NewMessage(kind=MessageKind.WEBHOOK, about="test", receiver=lane, lane=lane, data={})
                work.outbox.add(told, service.ours.random_bytes, service.clock.now)


class Faulty:
    """A listener that fails with each event until it is mended."""

    name = "faulty"
    is_mended = False

    def messages(self, service: Service, work: UnitOfWork, event: StoredEvent) -> Iterable[NewMessage]:
        yield NewMessage(
            kind=MessageKind.WEBHOOK, about="test", receiver="late.example", lane="late.example", data={}
        )
        if not self.is_mended:
            raise LookupError("Somebody's words.")


def test_a_listener_that_fails_stops_neither_others_nor_what_follows_and_loses_nothing(
    service: InProcess, reader: Reader, receivers: Receivers, monkeypatch: pytest.MonkeyPatch
) -> None:
    receivers.hosts = ("quick.example",)
    faulty = Faulty()
    monkeypatch.setattr(fan_out, "LISTENERS", (faulty, receivers))
    reader.post("a", "First.")
    reader.post("a", "Second.")
    deliver(service)
    assert [host for host, _ in receivers.tried] == ["quick.example"] * 2

    for _ in range(SET_ASIDE):
        service.clock.move(hours=1)
        deliver(service)
    with service.ours.reading() as work:
        state = work.outbox.state(service.clock.now)
    assert (state.set_aside, state.waiting) == (2, 2)
    assert "no message can be made of 2 events" in (outbox_fault(service.ours, state) or "")

    faulty.is_mended = True
    service.clock.move(days=1)
    deliver(service)
    assert [host for host, _ in receivers.tried] == ["quick.example"] * 2 + ["late.example"] * 2
    assert due_now(service) == 0


@pytest.mark.parametrize(
    "failed", [Retry("AUTH: 535", is_setup=True), Retry("connect", is_of_lane=True)], ids=["set-up", "down"]
)
def test_a_lane_that_cannot_be_reached_is_tried_by_one_message(
    service: InProcess, receivers: Receivers, failed: Retry
) -> None:
    put(service, "down.example", times=20)
    receivers.answers["down.example"] = failed
    for tries in range(1, 4):
        deliver(service)
        deliver(service)
        assert len(receivers.tried) <= 2 * tries  # a runner that starts does not know of it yet
        service.clock.move(seconds=80)
    receivers.answers.clear()
    service.clock.move(hours=1)
    deliver(service)
    assert {state for _, state, _ in states(service)} == {MessageState.SENT}


def test_what_waits_for_a_receiver_that_stays_down_is_given_up_with_it(
    service: InProcess, receivers: Receivers
) -> None:
    put(service, "down.example", times=20)
    put(service, "quick.example")
    receivers.answers["down.example"] = Retry("connect", is_of_lane=True)
    service.clock.move(hours=47)
    deliver(service)
    assert [state for host, state, _ in states(service) if host == "down.example"] == [
        MessageState.WAITING
    ] * 20
    service.clock.move(hours=5)
    deliver(service)
    assert [state for host, state, _ in states(service) if host == "down.example"] == [MessageState.DEAD] * 20


def test_lanes_take_turns_where_there_are_more_than_can_be_sent_at_once(
    service: InProcess, receivers: Receivers
) -> None:
    lanes = [f"{number:02}.example" for number in range(30)]
    put(service, *lanes, times=3)
    deliver(service)
    first = [host for host, _ in receivers.tried[:40]]
    assert set(first) == set(lanes)
    assert len(receivers.tried) == 90


class Torn(delivery.Delivery):
    """A runner that is killed when it sent a message, before it could say so."""

    def _store(self, message: OutboxMessage, outcome: Outcome) -> None:
        """It does not come to that."""


def test_what_was_torn_apart_is_sent_again_with_the_same_id_and_nothing_is_lost(
    service: InProcess, receivers: Receivers
) -> None:
    put(service, "a.example", "b.example", times=5)
    torn = Torn(service.ours, lambda _seconds: False)
    for _ in range(2):
        assert torn.step()
        wait_until(lambda: not torn.is_sending())
    assert len(receivers.tried) == 2
    deliver(service)  # another runner leaves alone what has a lease, and goes on with the others
    assert len(receivers.tried) == 2 + 8
    service.clock.move(seconds=61)
    deliver(service)
    counted = Counter(public_id for _, public_id in receivers.tried)
    assert sorted(counted.values()) == [1] * 8 + [2] * 2
    assert {state for _, state, _ in states(service)} == {MessageState.SENT}


@pytest.mark.slow_on_postgresql
def test_two_runners_send_each_message_once(service: InProcess, receivers: Receivers) -> None:
    put(service, *(f"{number}.example" for number in range(6)), times=5)
    runners = [threading.Thread(target=deliver, args=(service,)) for _ in range(2)]
    for runner in runners:
        runner.start()
    for runner in runners:
        runner.join()
    assert Counter(Counter(receivers.tried).values()) == {1: 30}
    assert {state for _, state, _ in states(service)} == {MessageState.SENT}


@pytest.mark.parametrize("step", [timedelta(days=1), timedelta(days=-1)], ids=["ahead", "back"])
def test_a_clock_that_is_set_loses_nothing_and_sends_nothing_twice(
    service: InProcess, receivers: Receivers, step: timedelta
) -> None:
    receivers.answers["slow.example"] = Retry("503")
    put(service, "slow.example")
    deliver(service)
    receivers.slow, receivers.hosts = threading.Event(), ()
    put(service, "slow.example")
    runner, other = (delivery.Delivery(service.ours, lambda _seconds: False) for _ in range(2))
    assert runner.step()
    receivers.answers.clear()
    service.clock.now += step
    for _ in range(3):
        other.step()
        runner.step()
    receivers.slow.set()
    wait_until(lambda: not runner.is_sending() and not other.is_sending())
    assert max(Counter(receivers.tried[1:]).values()) == 1
    # Whoever starts next finds no lease and no pause longer than one can be.
    threading.Thread(target=stopped_soon(service).run).run()
    assert {state for _, state, _ in states(service)} == {MessageState.SENT}


def stopped_soon(service: InProcess) -> delivery.Delivery:
    """A runner that is told to stop when nothing is due."""
    return delivery.Delivery(service.ours, lambda _seconds: due_now(service) == 0)


def test_who_is_told_to_stop_notes_what_is_being_sent(service: InProcess, receivers: Receivers) -> None:
    receivers.slow = threading.Event()
    put(service, "slow.example")
    stop = threading.Event()
    runner = threading.Thread(target=delivery.Delivery(service.ours, stop.wait).run)
    runner.start()
    wait_until(lambda: due_now(service) == 0)
    stop.set()
    receivers.slow.set()
    runner.join()
    assert states(service) == [("slow.example", MessageState.SENT, 1)]


def test_senders_leave_most_connections_to_requests(
    service: InProcess, receivers: Receivers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many send at a time: each holds what connection it gets for as long as it may."""
    most, held, enough = 0, 0, threading.Event()
    counting = threading.Lock()

    def send(ours: Service, message: OutboxMessage) -> Outcome:
        nonlocal most, held
        with ours.reading():
            with counting:
                held += 1
                most = max(most, held)
            enough.wait(30)
            with counting:
                held -= 1
        return Sent()

    monkeypatch.setattr(receivers, "send", send)
    put(service, *(f"{number}.example" for number in range(12)))
    delivering = threading.Thread(target=deliver, args=(service,))
    delivering.start()
    wait_until(lambda: held == BEHIND)
    assert service.reader().get("/api/v1/thread", article="a").status_code == 200
    enough.set()
    delivering.join()
    assert most == BEHIND < POOL_SIZE
    assert {state for _, state, _ in states(service)} == {MessageState.SENT}
