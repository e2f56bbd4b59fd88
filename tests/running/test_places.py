"""Places are given in the order in which people came."""

from __future__ import annotations

import threading
import time

from commentsvc.web.places import Places


def test_a_place_goes_to_whoever_waits_the_longest() -> None:
    places, came_in = Places(1), []
    assert places.take(0)

    def wait(number: int) -> None:
        assert places.take(20)
        came_in.append(number)
        places.give_back()

    waiting = [threading.Thread(target=wait, args=[number]) for number in range(8)]
    for one in waiting:
        one.start()
        time.sleep(0.03)  # each is surely waiting when the next comes
    places.give_back()
    for one in waiting:
        one.join(20)

    assert came_in == list(range(8))


def test_who_waited_in_vain_leaves_the_place_to_others() -> None:
    places = Places(1)
    assert places.take(0)
    assert not places.take(0.05)

    places.give_back()

    assert places.take(0)
    assert not places.take(0)


def test_no_place_is_lost_or_made_however_they_come_and_go() -> None:
    places, inside, most = Places(3), 0, 0
    counting = threading.Lock()

    def come_and_go() -> None:
        nonlocal inside, most
        for _ in range(200):
            if places.take(0.001):
                with counting:
                    inside += 1
                    most = max(most, inside)
                with counting:
                    inside -= 1
                places.give_back()

    crowd = [threading.Thread(target=come_and_go) for _ in range(12)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join(30)

    assert 1 <= most <= 3
    assert [places.take(0) for _ in range(4)] == [True, True, True, False]
