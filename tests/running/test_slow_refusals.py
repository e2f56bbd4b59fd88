"""Who goes on asking after many refusals is told later, and nobody else is."""

from __future__ import annotations

import threading
import time

import pytest

from commentsvc.serving import slow_refusals
from commentsvc.serving.slow_refusals import (
    HELD_AT_A_TIME,
    OFTEN,
    PERIOD_SECONDS,
    SlowRefusals,
)
from tests.conftest import MakeService

ADA, BO = "192.0.2.1", "192.0.2.2"


class Clock:
    """A clock that is moved, and by which nobody sleeps."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.seconds


def test_from_the_21st_refusal_on_they_are_held_back() -> None:
    clock = Clock()
    refusals = SlowRefusals(clock, clock.slept.append)

    for _ in range(OFTEN):
        refusals.refused(ADA)
        refusals.refused(BO)
    assert clock.slept == []
    refusals.refused(ADA)
    assert clock.slept == [slow_refusals.HELD_SECONDS]
    refusals.refused("198.51.100.7")
    assert clock.slept == [slow_refusals.HELD_SECONDS]


def test_who_pauses_is_told_at_once_again() -> None:
    clock = Clock()
    refusals = SlowRefusals(clock, clock.slept.append)
    for _ in range(OFTEN + 1):
        refusals.refused(ADA)

    clock.seconds += PERIOD_SECONDS
    refusals.refused(ADA)

    assert clock.slept == [slow_refusals.HELD_SECONDS]


def test_so_many_are_held_back_at_a_time_and_no_more() -> None:
    clock, awake = Clock(), threading.Event()
    asleep = threading.Barrier(HELD_AT_A_TIME + 1)

    def sleep(seconds: float) -> None:
        asleep.wait(30)
        awake.wait(30)

    refusals = SlowRefusals(clock, sleep)
    for _ in range(OFTEN):
        refusals.refused(ADA)
    held = [threading.Thread(target=refusals.refused, args=[ADA]) for _ in range(HELD_AT_A_TIME)]
    for one in held:
        one.start()
    asleep.wait(30)

    refusals.refused(ADA)  # which would wait for ever

    awake.set()
    for one in held:
        one.join(30)


def test_the_service_holds_them_back(make_service: MakeService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slow_refusals, "HELD_SECONDS", 0.2)  # as it is where no test is
    http = make_service(RATE_LIMIT_READ="1 per minute").http()
    http.get("/nowhere")

    began = time.monotonic()
    answers = [http.get("/nowhere").status_code for _ in range(OFTEN + 5)]

    assert answers == [429] * (OFTEN + 5)
    assert time.monotonic() - began >= 5 * 0.2
