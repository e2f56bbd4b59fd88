"""Permits are shared fairly by clients, and each client's are given in the order in which its requests came."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commentsvc.serving.fair_semaphore import Caller, FairSemaphore, NoPermit

pytestmark = pytest.mark.unit

ADA, BO, CY = (Caller((name,)) for name in ("192.0.2.1", "192.0.2.2", "192.0.2.3"))
EDITOR = Caller(("192.0.2.1",), privileged=True)


class Queue:
    """Requests that wait for the one permit, each in a thread, and the order in which they were given it."""

    def __init__(self, semaphore: FairSemaphore) -> None:
        self._semaphore = semaphore
        self._waiting: list[threading.Thread] = []
        self.served: list[Caller] = []

    def join(self, *callers: Caller) -> None:
        for caller in callers:
            thread = threading.Thread(target=self._wait, args=[caller])
            thread.start()
            self._waiting.append(thread)
            time.sleep(0.03)  # each is surely waiting when the next comes

    def _wait(self, caller: Caller) -> None:
        with self._semaphore.permit(caller, 20):
            self.served.append(caller)

    def end(self) -> Sequence[Caller]:
        for thread in self._waiting:
            thread.join(20)
        return self.served


def semaphore(
    size: int, per_client: int | None = None, *, waiting: int = 64, reserved: int = 0
) -> FairSemaphore:
    return FairSemaphore(size, per_client or size, waiting=waiting, reserved=reserved)


def test_of_one_client_a_permit_goes_to_what_waits_the_longest() -> None:
    one = semaphore(1)
    callers = [Caller(("192.0.2.1",)) for _ in range(8)]
    assert one.acquire(ADA, 0)
    queue = Queue(one)
    queue.join(*callers)

    one.release(ADA)

    assert [served is caller for served, caller in zip(queue.end(), callers, strict=True)] == [True] * 8


def test_a_client_with_many_requests_delays_another_by_one_of_its_own() -> None:
    one = semaphore(1)
    assert one.acquire(ADA, 0)
    queue = Queue(one)
    queue.join(*[ADA] * 8, BO, BO, CY)

    one.release(ADA)

    assert queue.end()[:5] == [ADA, BO, CY, ADA, BO]


def test_what_waited_in_vain_leaves_the_permit_to_others() -> None:
    one = semaphore(1)
    assert one.acquire(ADA, 0)
    assert not one.acquire(BO, 0.05)

    one.release(ADA)

    assert one.acquire(CY, 0)
    assert not one.acquire(CY, 0)


def test_a_client_holds_its_part_and_the_rest_is_for_others() -> None:
    eight = semaphore(8, 4)
    assert [eight.acquire(ADA, 0) for _ in range(5)] == [True] * 4 + [False]

    assert [eight.acquire(BO, 0) for _ in range(4)] == [True] * 4


def test_a_client_that_waits_for_its_own_permits_keeps_nobody_else_waiting() -> None:
    two = semaphore(2, 1)
    assert two.acquire(ADA, 0)
    queue = Queue(two)
    queue.join(ADA, ADA)

    assert two.acquire(BO, 0)
    two.release(BO)
    two.release(ADA)

    assert queue.end() == [ADA, ADA]


def test_an_ipv6_network_holds_half_at_most_however_many_addresses_it_has() -> None:
    thirty_two = semaphore(32, 4)
    in_one_48 = [
        Caller((f"2001:db8:0:{n}::/64", "2001:db8::/56", "2001:db8::/48")) for n in range(8) for _ in range(5)
    ]

    assert sum(thirty_two.acquire(caller, 0) for caller in in_one_48) == 16
    assert thirty_two.acquire(Caller(("2001:db8:1::/64", "2001:db8:1::/56", "2001:db8:1::/48")), 0)


def test_what_is_reserved_is_for_the_privileged_alone() -> None:
    four = semaphore(4, reserved=1)
    assert [four.acquire(caller, 0) for caller in (ADA, ADA, BO, BO)] == [True] * 3 + [False]

    assert [four.acquire(EDITOR, 0) for _ in range(2)] == [True, False]


def test_what_is_given_back_of_the_reserve_goes_to_the_privileged() -> None:
    two = semaphore(2, reserved=1)
    assert two.acquire(ADA, 0)
    assert two.acquire(EDITOR, 0)
    queue = Queue(two)
    queue.join(BO, EDITOR)

    two.release(EDITOR)
    time.sleep(0.1)
    assert queue.served == [EDITOR]
    two.release(ADA)

    assert queue.end() == [EDITOR, BO]


def test_more_requests_of_a_client_than_may_wait_are_refused_at_once() -> None:
    one = semaphore(1, waiting=2)
    assert one.acquire(ADA, 0)
    queue = Queue(one)
    queue.join(ADA, ADA)

    began = time.monotonic()
    with pytest.raises(NoPermit), one.permit(ADA, 20):
        raise AssertionError
    assert time.monotonic() - began < 5
    queue.join(BO)
    one.release(ADA)

    assert queue.end() == [ADA, BO, ADA]


@given(calls=st.lists(st.sampled_from([ADA, BO, CY, EDITOR]), max_size=60), keep=st.data())
@settings(max_examples=60, deadline=None)
def test_no_permit_is_lost_or_made_and_no_bound_is_broken(calls: list[Caller], keep: st.DataObject) -> None:
    five, held = semaphore(5, 3, reserved=2), []
    for caller in calls:
        if held and keep.draw(st.booleans()):
            five.release(held.pop(keep.draw(st.integers(0, len(held) - 1))))
        elif five.acquire(caller, 0):
            held.append(caller)
        assert len(held) <= 5
        assert all(held.count(caller) <= 3 for caller in (ADA, BO, CY, EDITOR))
        assert len(held) - held.count(EDITOR) <= 3
    for caller in held:
        five.release(caller)

    assert [five.acquire(EDITOR, 0) for _ in range(4)] == [True] * 3 + [False]
    assert [five.acquire(ADA, 0) for _ in range(2)] == [False] * 2


def test_no_permit_is_lost_or_made_however_they_come_and_go_at_once() -> None:
    three, inside, most = semaphore(3), 0, 0
    counting = threading.Lock()

    def come_and_go(caller: Caller) -> None:
        nonlocal inside, most
        for _ in range(200):
            if three.acquire(caller, 0.001):
                with counting:
                    inside += 1
                    most = max(most, inside)
                with counting:
                    inside -= 1
                three.release(caller)

    crowd = [threading.Thread(target=come_and_go, args=[caller]) for caller in [ADA, BO, CY] * 4]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join(30)

    assert 1 <= most <= 3
    assert [three.acquire(ADA, 0) for _ in range(4)] == [True, True, True, False]
