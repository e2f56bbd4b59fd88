"""Clients take turns: who asks once is answered before most of what another asked for earlier."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.running.places import all_places_taken
from tests.running_service import InProcess

MANY = 60


ASK: dict[str, Callable[[httpx.Client], httpx.Response]] = {
    "a page": lambda http: http.get("/thread?article=a"),
    "a preview": lambda http: http.post("/api/v1/preview", json={"text": "A."}),
}


@pytest.mark.parametrize("stranger_asks", ASK.values(), ids=ASK)
@pytest.mark.parametrize("other_asks", ASK.values(), ids=ASK)
def test_who_asks_once_does_not_wait_for_all_that_a_stranger_asked(
    service: InProcess,
    stranger_asks: Callable[[httpx.Client], httpx.Response],
    other_asks: Callable[[httpx.Client], httpx.Response],
) -> None:
    answered: list[str] = []

    def ask(address: str, asks: Callable[[httpx.Client], httpx.Response]) -> int:
        answer = asks(service.http(address))
        answered.append(address)
        return answer.status_code

    with ThreadPoolExecutor(MANY + 1) as pool:
        with all_places_taken(service):
            asked = [pool.submit(ask, "192.0.2.66", stranger_asks) for _ in range(MANY)]
            time.sleep(0.5)
            asked.append(pool.submit(ask, "192.0.2.1", other_asks))
            time.sleep(0.3)
            assert answered == []
        assert {one.result() for one in asked} == {200}

    # In the order in which they came it would be the last. The order of what is in the places is anybody's.
    assert answered.index("192.0.2.1") < MANY // 2
