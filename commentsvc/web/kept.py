"""Answers that were rendered once and are kept within a bound of bytes, the least used going first."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from itertools import count
from typing import TypeVar

from commentsvc.storage.versions import Subject, Version
from commentsvc.web.representations import IDENTITY, decode, encode, encode_well, etag_in

OF_BODY = {"Content-Type", "Content-Language"}  # which a 304 has not
OVERHEAD = 2048  # bytes that an answer takes besides its body: headers, keys, the objects around them

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
    version was last found to be current: it differs after each commit, and None says nothing.
    """

    subject: Subject | None
    version: Version
    opaque: str
    headers: Headers
    body: bytes | None
    commits: bytes | None = None
    coded: dict[str, Representation] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def plain(self) -> bytes:
        """The body as it was rendered."""
        if self.body is not None:
            return self.body
        coding, made = next(iter(self.coded.items()))
        return decode(made.body, coding)

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
        return OVERHEAD + len(self.body or b"") + sum(len(made.body) for made in list(self.coded.values()))


@dataclass
class Counters:
    """What this process did since it began: answers from kept bytes, renderings, and their time."""

    hits: int = 0
    misses: int = 0
    render_seconds: float = 0.0


@dataclass
class _Making:
    """One rendering under way, for which others wait; `began` is its place among all of them."""

    began: int
    done: threading.Event = field(default_factory=threading.Event)
    made: Answer | None = None


Kind = TypeVar("Kind")
IsCurrent = Callable[[Answer], bool]
Make = Callable[[], Answer | Kind]


class Kept:
    """Answers by question, at most *most* bytes of them; with 0, each is made anew.

    One lock guards the bookkeeping, and is held for microseconds; `find` takes none.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.bytes = 0
        self.counters = Counters()
        self._answers: OrderedDict[Hashable, Answer] = OrderedDict()
        self._sizes: dict[Hashable, int] = {}
        self._makings: dict[Hashable, _Making] = {}
        self._lock = threading.Lock()
        self._places = count()

    def find(self, question: Hashable) -> Answer | None:
        """What is kept for *question*, of whatever version."""
        answer = self._answers.get(question)
        if answer is not None:
            try:
                self._answers.move_to_end(question)
            except KeyError:
                return answer  # it was dropped this very moment, and is as good as before
        return answer

    def made(self, question: Hashable, is_current: IsCurrent, make: Make[Kind]) -> Answer | Kind:
        """Give an answer that is no older than this call; of all who ask at once, one makes it.

        A reader takes what is kept if it *is_current*, or what somebody began to make after this
        reader came: so nobody waits for more than two renderings, however fast versions follow.

        :param make: gives the answer, or something else that is not to be shared; then everybody
            makes his own.
        """
        if not self.most:
            return make()
        kept = self.find(question)
        if kept is not None and is_current(kept):
            self.counters.hits += 1
            return kept
        came = next(self._places)
        while True:
            with self._lock:
                making = self._makings.get(question)
                if making is None:
                    mine = self._makings[question] = _Making(next(self._places))
            if making is None:
                return self._make(question, mine, is_current, make)
            making.done.wait()
            if making.made is None:
                return make()
            if making.began > came or is_current(making.made):
                return making.made

    def drop(self, question: Hashable) -> None:
        """Forget what is kept for *question*, if anything is."""
        with self._lock:
            self._forget(question)

    def encoded(self, question: Hashable, answer: Answer, coding: str) -> Representation:
        """Give *answer* in that coding, which is made once."""
        with answer.lock:
            if coding not in answer.coded:
                answer.encode(coding)
                self._keep(question, answer, grown=True)
            return answer.coded[coding]

    def _keep(self, question: Hashable, answer: Answer, *, grown: bool = False) -> None:
        """Keep *answer*; the least used make place for it. One that has *grown* may be gone already."""
        size = answer.size()
        with self._lock:
            if grown and self._answers.get(question) is not answer:
                return
            self._forget(question)
            if size > self.most:
                return
            self._answers[question] = answer
            self._sizes[question] = size
            self.bytes += size
            while self.bytes > self.most:
                self._forget(next(iter(self._answers)))

    def _make(
        self, question: Hashable, mine: _Making, is_current: IsCurrent, make: Make[Kind]
    ) -> Answer | Kind:
        try:
            # Somebody may have finished between our look at what is kept and our turn.
            kept = self._answers.get(question)
            if kept is not None and is_current(kept):
                mine.made = kept
                return kept
            made = self._timed(make)
            if isinstance(made, Answer):
                mine.made = made
                self._keep(question, made)
            else:
                self.drop(question)
            return made
        finally:
            with self._lock:
                del self._makings[question]
            mine.done.set()

    def _timed(self, make: Make[Kind]) -> Answer | Kind:
        began = time.perf_counter()
        try:
            return make()
        finally:
            with self._lock:
                self.counters.misses += 1
                self.counters.render_seconds += time.perf_counter() - began

    def _forget(self, question: Hashable) -> None:
        if self._answers.pop(question, None) is not None:
            self.bytes -= self._sizes.pop(question)
