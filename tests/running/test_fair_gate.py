"""Clients take turns: who asks once is let in before most of what another asked for earlier."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import httpx
import pytest
from flask import request

from tests.running.places import all_places_taken
from tests.running_service import InProcess

MANY = 60
STRANGER = "192.0.2.66"
OTHER = "192.0.2.1"


ASK: dict[str, Callable[[httpx.Client], httpx.Response]] = {
    "a page": lambda http: http.get("/thread?article=a"),
    "a preview": lambda http: http.post("/api/v1/preview", json={"text": "A."}),
}


@pytest.mark.soak
@pytest.mark.sampled(2)
@pytest.mark.parametrize("stranger_asks", ASK.values(), ids=ASK)
@pytest.mark.parametrize("other_asks", ASK.values(), ids=ASK)
def test_who_asks_once_does_not_wait_for_all_that_a_stranger_asked(
    service: InProcess,
    stranger_asks: Callable[[httpx.Client], httpx.Response],
    other_asks: Callable[[httpx.Client], httpx.Response],
) -> None:
    answered: list[str] = []
    let_in: list[str | None] = []
    other_is_in = Event()

    def note_who_is_let_in() -> None:
        let_in.append(request.remote_addr)
        if request.remote_addr == OTHER:
            other_is_in.set()
        # What is let in takes its time, or many short requests would pass while one thread wakes up.
        elif request.remote_addr == STRANGER:
            other_is_in.wait(timeout=5)

    service.app.before_request_funcs.setdefault(None, []).append(note_who_is_let_in)

    def ask(address: str, asks: Callable[[httpx.Client], httpx.Response]) -> int:
        answer = asks(service.http(address))
        answered.append(address)
        return answer.status_code

    with ThreadPoolExecutor(MANY + 1) as pool:
        with all_places_taken(service):
            asked = [pool.submit(ask, STRANGER, stranger_asks) for _ in range(MANY)]
            time.sleep(0.5)
            asked.append(pool.submit(ask, OTHER, other_asks))
            time.sleep(0.3)
            assert answered == []
        assert {one.result() for one in asked} == {200}

    # In the order in which they came it would be the last. When each is answered is the threads' affair.
    assert let_in.index(OTHER) < MANY // 2
