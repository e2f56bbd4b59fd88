"""Several processes, none of which tells another anything: what each reader saw fits what was decided.

The model is one moderator who decides one thing after another, so that there is a first, a second,
… public state of the thread. Whoever began to read after a decision was answered must see it, or
a later one that began before the reading ended.
"""

from __future__ import annotations

import re
import threading
import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

from tests.databases import NewDatabase, on_both
from tests.running_service import Live, serving

__all__ = ["on_both"]
pytestmark = pytest.mark.slow

WORKERS, READERS, COMMENTS, DECISIONS = 4, 6, 8, 40
Seen = frozenset[str]


def ids_in_json(text: str) -> Seen:
    return frozenset(re.findall(r'"id":"([^"]+)"', text))


def ids_in_html(text: str) -> Seen:
    return frozenset(re.findall(r'data-id="([^"]+)"', text))


def ids_in_atom(text: str) -> Seen:
    return frozenset(re.findall(r'rel="alternate" href="[^"]*#comment-([^"]+)"', text))


READS: dict[str, Callable[[str], Seen]] = {
    "/api/v1/thread?article=a": ids_in_json,
    "/api/v1/thread?article=a&order=newest": ids_in_json,
    "/thread/fragment?article=a": ids_in_html,
    "/thread?article=a": ids_in_html,
    "/feeds/thread.atom?article=a": ids_in_atom,
    "/feeds/site.atom": ids_in_atom,
}


@dataclass
class History:
    """When each public state of the thread was asked for, and when it was answered for."""

    states: list[Seen] = field(default_factory=list)
    asked: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)

    def may_be_seen(self, began: float, ended: float) -> list[Seen]:
        """The states that a reading between those times may show."""
        first = max(0, bisect_right(self.answered, began) - 1)
        last = bisect_left(self.asked, ended)
        return self.states[first:last]


@pytest.fixture
def live(tmp_path: Path, database: NewDatabase) -> Iterator[Live]:
    with (
        database() as where,
        serving(tmp_path / "data", "--workers", str(WORKERS), **where) as running,
    ):
        yield running


@pytest.mark.soak
@pytest.mark.any_database
def test_nobody_is_shown_what_was_removed_before(live: Live) -> None:
    reader, moderator, chance = live.reader(), live.moderator(), Random(20)
    comments = [reader.comment("a", f"Number {number}.") for number in range(COMMENTS)]
    history = History([frozenset(comments)], [0.0], [0.0])
    ended = threading.Event()

    def decide() -> None:
        public = set(comments)
        for _ in range(DECISIONS):
            chosen = chance.sample(comments, chance.randint(1, 3))
            action = chance.choice(["approve", "trash", "spam", "hold"])
            public = public | set(chosen) if action == "approve" else public - set(chosen)
            asked = time.monotonic()
            moderator.decide(action, *chosen)
            answered = time.monotonic()
            history.states.append(frozenset(public))
            history.asked.append(asked)
            history.answered.append(answered)

    def read(number: int) -> list[tuple[str, float, float, Seen]]:
        chance, readings, tags = Random(number), [], {}
        while not ended.is_set():
            with live.http() as http:  # reaches any of the workers
                for address in chance.choices(list(READS), k=4):
                    tag, known = tags.get(address, ("", frozenset()))
                    began = time.monotonic()
                    answer = http.get(address, headers={"If-None-Match": tag} if tag else {})
                    seen = known if answer.status_code == 304 else READS[address](answer.text)
                    readings.append((address, began, time.monotonic(), seen))
                    if "ETag" in answer.headers:
                        tags[address] = (answer.headers["ETag"], seen)
        return readings

    with ThreadPoolExecutor(READERS + 1) as pool:
        deciding = pool.submit(decide)
        deciding.add_done_callback(lambda _: ended.set())  # as it fails, too
        readings = [reading for found in pool.map(read, range(READERS)) for reading in found]
        deciding.result()

    assert len(readings) > DECISIONS
    assert len({seen for *_, seen in readings}) > 10
    for address, began, finished, seen in readings:
        assert seen in history.may_be_seen(began, finished), (address, began)
