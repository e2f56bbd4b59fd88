"""Answers that were rendered once and are stored within a bound of bytes, the least used going first.

Where there is no room left, an answer must be asked for more often than those whose room it takes: so
what nobody asks for twice, made up by the thousand, drives out nothing that many read (as in TinyLFU,
https://arxiv.org/abs/1512.00727; docs/decisions/0020).
"""

from __future__ import annotations

import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from itertools import count, islice
from typing import TypeVar

from commentsvc.cache.codings import IDENTITY, decode, encode, encode_well, etag_in
from commentsvc.cache.gapped import GappedPage
from commentsvc.model import Subject, Version

OF_BODY = {"Content-Type", "Content-Language"}  # which a 304 has not
OVERHEAD = 2048  # bytes that an answer takes besides what is counted: the objects around it
LASTING = 32  # answers that stay as they are as long as the process lives: scripts
LOOKED_AT = 256  # of the least recently used answers, when room is needed
HALF_LIFE_SECONDS = 300  # after which an answer counts as asked for half as often
COUNTERS = 65_536  # of what was asked for and is not stored; it may be far more, several share one then
HALF = bytes(number // 2 for number in range(256))

NOT_COUNTED = memoryview(bytearray(16)).cast("d")  # of answers that are a part of another one

Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Representation:
    """An answer in one coding, ready to be sent; the headers are shared, so never changed.

    `unchanged` are those of a 304.
    """

    etag: str
    headers: Headers
    unchanged: Headers
    body: bytes


@dataclass(slots=True)
class Answer:
    """An answer of one version, and its representations as far as they were asked for.

    `subject` is None where it stays as it is as long as the process lives. `commits` is when the
    version was last found to be current: it differs after each commit, and None says nothing. `confirmed_at` is
    when it was last found to be, on the monotonic clock.
    `route` answered; each time that it is sent, as 200 or 304, is counted in `tally`.
    `uses` is how often it was asked for lately. One that each reader gets with a text of their own is `gapped`, and
    has neither a body nor representations.
    """

    subject: Subject | None
    version: Version
    opaque: str
    headers: Headers
    body: bytes | None
    tally: memoryview[float] = NOT_COUNTED
    route: str | None = None
    commits: bytes | None = None
    confirmed_at: float = field(default_factory=time.monotonic)
    coded: dict[str, Representation] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    uses: int = 1
    gapped: GappedPage | None = None

    def plain(self) -> bytes:
        """The body as it was rendered."""
        if self.body is not None:
            return self.body
        coding, coded = next(iter(self.coded.items()))
        return decode(coded.body, coding)

    def encode(self, coding: str) -> None:
        """Make its representation in that coding; from then on it is the rendered body, too.

        Most readers ask for one coding: to keep the plain body besides would take four times the memory.
        """
        body = (encode_well if self.subject is None else encode)(self.plain(), coding)
        etag = etag_in(coding, self.opaque)
        unchanged = [*self.headers, ("ETag", etag), ("Vary", "Accept-Encoding")]
        headers = [*unchanged, ("Content-Length", str(len(body)))]
        if coding != IDENTITY:
            headers.append(("Content-Encoding", coding))
        without_body = [header for header in unchanged if header[0] not in OF_BODY]
        self.coded[coding] = Representation(etag, headers, without_body, body)
        self.body = None

    def size(self) -> int:
        """How many bytes of memory it takes, about."""
        bodies = [self.body or b"", *(coded.body for coded in list(self.coded.values()))]
        names = self.subject.names if self.subject else ()
        headers = sum(map(_size_of, self.headers))
        gapped = self.gapped.size() if self.gapped else 0
        return OVERHEAD + gapped + sum(map(len, bodies)) + headers + _size_of(names) + _size_of(self.version)


def _size_of(value: object) -> int:
    """The bytes of a text or a number, or of a tuple with all that is in it."""
    within = sum(map(_size_of, value)) if isinstance(value, tuple) else 0
    return sys.getsizeof(value) + within


@dataclass
class Counters:
    """What this process did since it began: renderings, and their time."""

    misses: int = 0
    render_seconds: float = 0.0


@dataclass
class _Render:
    """One rendering under way, for which others wait; `began` is its place among all of them."""

    began: int
    done: threading.Event = field(default_factory=threading.Event)
    answer: Answer | None = None


Kind = TypeVar("Kind")
IsCurrent = Callable[[Answer], bool]
Make = Callable[[], Answer | Kind]


class ResponseCache:
    """Answers by cache key, at most *max_bytes* bytes of them; with 0, each is rendered again.

    The few that stay as they are as long as the process lives come on top. One lock guards the
    bookkeeping, and is held for microseconds; `find` takes none.
    """

    def __init__(self, max_bytes: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.max_bytes = max_bytes
        self._clock = clock
        self._aged = clock()
        self.bytes = 0
        self.counters = Counters()
        self._answers: OrderedDict[Hashable, Answer] = OrderedDict()
        self._lasting: dict[Hashable, Answer] = {}
        self._sizes: dict[Hashable, int] = {}
        self._asked = bytearray(COUNTERS)  # how often what is not stored was asked for lately, by its hash
        self._counted = 0
        self._renders: dict[Hashable, _Render] = {}
        self._lock = threading.Lock()
        self._places = count()

    def find(self, cache_key: Hashable) -> Answer | None:
        """What is stored under *cache_key*, of whatever version."""
        answer = self._answers.get(cache_key)
        if answer is None:
            return self._lasting.get(cache_key)
        answer.uses += 1
        try:
            self._answers.move_to_end(cache_key)
        except KeyError:
            return answer  # it was dropped this very moment, and is as good as before
        return answer

    def get_or_render(self, cache_key: Hashable, is_current: IsCurrent, make: Make[Kind]) -> Answer | Kind:
        """Give an answer that is no older than this call; of all who ask at once, one makes it.

        A reader takes what is stored if it *is_current*, or what somebody began to make after this
        reader came: so nobody waits for more than two renderings, however fast versions follow.

        :param make: gives the answer, or something else that is not to be shared; then everybody
            makes his own.
        """
        if not self.max_bytes:
            return make()
        cached = self.find(cache_key)
        if cached is not None and is_current(cached):
            return cached
        came = next(self._places)
        while True:
            with self._lock:
                other = self._renders.get(cache_key)
                if other is None:
                    mine = self._renders[cache_key] = _Render(next(self._places))
            if other is None:
                return self._make(cache_key, mine, is_current, make)
            other.done.wait()
            if other.answer is None:
                return make()
            if other.began > came or is_current(other.answer):
                return other.answer

    def drop(self, cache_key: Hashable) -> None:
        """Forget what is stored under *cache_key*, if anything is."""
        with self._lock:
            self._forget(cache_key)

    def encoded(self, cache_key: Hashable, answer: Answer, coding: str) -> Representation:
        """Give *answer* in that coding, which is made once."""
        with answer.lock:
            if coding not in answer.coded:
                answer.encode(coding)
                self._store(cache_key, answer, grown=True)
            return answer.coded[coding]

    def _store(self, cache_key: Hashable, answer: Answer, *, grown: bool = False) -> None:
        """Store *answer* if there is room for it. One that has *grown* may be gone already."""
        size = answer.size() + _size_of(cache_key)
        with self._lock:
            before = self._answers.get(cache_key)
            if grown and before is not answer:
                return
            if answer.subject is None and len(self._lasting) < LASTING:
                self._lasting[cache_key] = answer
                return
            self._age()
            answer.uses = before.uses if before else self._times_asked(cache_key)
            self._forget(cache_key)
            if self._make_room(size, answer.uses):
                self._answers[cache_key] = answer
                self._sizes[cache_key] = size
                self.bytes += size

    def _make_room(self, size: int, uses: int) -> bool:
        """Forget what is used less than *uses*, the least recently used first, until *size* bytes are free.

        Nothing is forgotten if that is not enough. What was asked for but once always gives way.
        """
        free, going = self.max_bytes - self.bytes, []
        for cache_key in list(islice(self._answers, LOOKED_AT)) if size <= self.max_bytes else ():
            if free >= size:
                break
            if self._answers[cache_key].uses < max(uses, 2):
                going.append(cache_key)
                free += self._sizes[cache_key]
        if free < size:
            return False
        for cache_key in going:
            self._forget(cache_key)
        return True

    def _times_asked(self, cache_key: Hashable) -> int:
        """Count that *cache_key* was asked, and give how often that was lately, about."""
        place = hash(cache_key) % COUNTERS
        self._asked[place] = times = min(self._asked[place] + 1, 255)
        self._counted += 1
        if self._counted > COUNTERS // 4:  # else most would share a counter with others
            self._asked, self._counted = self._asked.translate(HALF), 0
        return times

    def _age(self) -> None:
        if self._clock() - self._aged < HALF_LIFE_SECONDS:
            return
        self._aged, self._counted = self._clock(), 0
        self._asked = self._asked.translate(HALF)
        for answer in self._answers.values():
            answer.uses //= 2

    def _make(
        self, cache_key: Hashable, mine: _Render, is_current: IsCurrent, make: Make[Kind]
    ) -> Answer | Kind:
        try:
            # Somebody may have finished between our look at what is stored and our turn.
            cached = self._answers.get(cache_key)
            if cached is not None and is_current(cached):
                mine.answer = cached
                return cached
            rendered = self._timed(make)
            if isinstance(rendered, Answer):
                mine.answer = rendered
                self._store(cache_key, rendered)
            else:
                self.drop(cache_key)
            return rendered
        finally:
            with self._lock:
                del self._renders[cache_key]
            mine.done.set()

    def _timed(self, make: Make[Kind]) -> Answer | Kind:
        began = time.perf_counter()
        try:
            return make()
        finally:
            with self._lock:
                self.counters.misses += 1
                self.counters.render_seconds += time.perf_counter() - began

    def _forget(self, cache_key: Hashable) -> None:
        if self._answers.pop(cache_key, None) is not None:
            self.bytes -= self._sizes.pop(cache_key)
