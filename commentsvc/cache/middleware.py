"""In front of Flask: answers what many read from cached bytes, after one look at its version.

An answer is named by what its route reads of the address (`cache/keys.py`), and Flask is asked by
that name alone: nothing else can show in it. Who asks first is answered by Flask, which also tells of
what and of which version the answer is (`web/responses.py`); from then on, and until the version changes,
Flask is not asked again.

While the database is out an answer goes on for `STALE_SECONDS` from when it was last found to be current, and says
by `Age` how long ago that was: so no removal that was acknowledged is seen for longer (docs/decisions/0049).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication

import structlog

from commentsvc.cache.codings import LONGEST_ACCEPTED, coding_for, has_it
from commentsvc.cache.keys import CacheKey, Spellings
from commentsvc.cache.store import Answer, Headers, Representation, ResponseCache
from commentsvc.cache.versions import Versions
from commentsvc.http_terms import READ, ROUTE
from commentsvc.metrics import NO_ROUTE, Metrics
from commentsvc.request_ids import GIVEN, HEADER, given, make, work_on
from commentsvc.request_ids import current as current_id
from commentsvc.settings import Settings

SPELLINGS_SHARE = 20  # of the bytes for answers, spellings take one part in so many

# What is the same for all readers. Anything else, such as one reader's limits, reaches that reader alone.
SHARED = frozenset(
    {
        "access-control-allow-origin",
        "access-control-expose-headers",
        "cache-control",
        "content-language",
        "content-security-policy",
        "content-type",
        "cross-origin-resource-policy",
        "link",  # of feeds: their hub
        "referrer-policy",
        "strict-transport-security",
        "x-content-type-options",
    }
)
READS = ("GET", "HEAD")
CONDITIONS = ("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_ACCEPT_ENCODING", "HTTP_RANGE", READ)
MOST_CODINGS = 256  # spellings of Accept-Encoding whose coding is remembered; browsers send a handful
SUMMARY_SECONDS = 60  # between two lines of the log that say how much was answered from the cache

log = structlog.get_logger("commentsvc.access")

Chosen = tuple[int, str, Headers, list[bytes]]
"""Where it is counted in the record of kept answers; status, headers and body."""


class HotReads:
    """A WSGI application that wraps all the others; with `CACHE_BYTES` 0 it only lets through.

    Every answer passes here, gets the id of its request, and is counted.
    """

    def __init__(
        self,
        inner: WSGIApplication,
        cache: ResponseCache,
        versions: Versions,
        settings: Settings,
        metrics: Metrics,
    ) -> None:
        self._inner = inner
        self._metrics = metrics
        self._cache = cache
        self._versions = versions
        self._commits = versions.commits
        self._codings: dict[str | None, str] = {}
        self._spellings = Spellings(cache.max_bytes // SPELLINGS_SHARE, settings.base_path())
        self._stale_seconds = settings.stale_seconds
        self._known_key = self._spellings.known
        self._told = (time.monotonic(), 0)
        self._silent_until = 0.0  # on the monotonic clock

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        request_id = given(environ) if GIVEN in environ else make()
        spelling = (environ["PATH_INFO"], environ["QUERY_STRING"])
        key = self._known_key(spelling) or self._spellings.learn(*spelling)
        if key is None or environ["REQUEST_METHOD"] not in READS:
            return self._inner(environ, self._observed(environ, start_response, request_id))
        if "HTTP_IF_MATCH" in environ or not self._cache.max_bytes:
            named = _named(environ, key)
            return self._inner(named, self._observed(named, start_response, request_id))
        answer = self._cache.find(key)
        if answer is not None:
            try:
                sent = self._send_kept(key, answer, environ, start_response, request_id)
            except Exception as why:  # whatever is wrong with what was cached: it can be rendered again
                log.error("kept answer damaged", kind=type(why).__name__, request_id=request_id)
                self._cache.drop(key)
            else:
                if sent is not None:
                    return sent
        return self._render(key, environ, self._observed(environ, start_response, request_id))

    def _observed(
        self, environ: dict[str, Any], start_response: StartResponse, request_id: str
    ) -> StartResponse:
        """Count the answer, whose route *environ* names by then, and give it the id of its request."""
        work_on(request_id)
        began = perf_counter()

        def start(status: str, headers: Headers, exc_info: Any = None, /) -> Callable[[bytes], object]:
            self._metrics.answered(environ.get(ROUTE), status[:3], perf_counter() - began)
            return start_response(status, [*headers, (HEADER, request_id)], exc_info)

        return start

    def _send_kept(
        self,
        key: CacheKey,
        answer: Answer,
        environ: dict[str, Any],
        start_response: StartResponse,
        request_id: str,
    ) -> Iterable[bytes] | None:
        """Send *answer* if it is current, or the database is out and it was current lately; else None."""
        own = [(HEADER, request_id)]
        try:
            if not self._is_current(answer, request_id):
                return None
        except _NoVersion:
            if (age := self._age_to_tell(answer)) is None:
                return None
            own.append(("Age", str(age)))  # how long ago it was last found to be current (RFC 9111 §5.1)
        chosen = self._choose(key, answer, environ)
        if chosen is None:
            return None
        which, status, headers, body = chosen
        answer.tally[which] += 1
        start_response(status, [*headers, *own])
        return body

    def _is_current(self, answer: Answer, request_id: str | None = None) -> bool:
        """Whether the answer is what the database would give now.

        :param request_id: for the log, where this thread has not been told what it works on.
        :raises _NoVersion: the database cannot be asked.
        """
        if answer.subject is None:
            return True
        commits = self._commits()  # before the look-up: what is committed after, differs
        asked_at = time.monotonic()
        if commits is None or commits != answer.commits:
            try:
                current = self._versions.now(answer.subject) == answer.version
            except Exception as why:  # whatever the driver raises
                self._tell_no_version(why, request_id or current_id())
                raise _NoVersion from None
            if not current:
                return False
            answer.commits = commits
        answer.confirmed_at = asked_at
        return True

    def _may_share(self, answer: Answer) -> bool:
        """As `_is_current`; where the database cannot be asked Flask is, which says what is wrong."""
        try:
            return self._is_current(answer)
        except _NoVersion:
            return False

    def _age_to_tell(self, answer: Answer) -> int | None:
        """For how many whole seconds nobody could say whether *answer* is current; None where that is too long."""
        age = time.monotonic() - answer.confirmed_at
        return math.ceil(age) if age < self._stale_seconds else None

    def _tell_no_version(self, why: Exception, request_id: str | None) -> None:
        """Say in the log, at most once a minute, that kept answers cannot be compared with the database."""
        now = time.monotonic()
        if now >= self._silent_until:
            self._silent_until = now + SUMMARY_SECONDS
            log.error("no version", kind=type(why).__name__, request_id=request_id)

    def _choose(self, key: CacheKey, answer: Answer, environ: dict[str, Any]) -> Chosen | None:
        """Give the representation that the reader can take; None where there is none."""
        accepted = environ.get("HTTP_ACCEPT_ENCODING")
        coding = self._codings.get(accepted) or self._coding_for(accepted)
        if coding is None:
            return None
        sent = answer.coded.get(coding) or self._encoded(key, answer, coding)
        has = environ.get("HTTP_IF_NONE_MATCH")
        if has is not None and has_it(has, sent.etag):
            return 1, "304 Not Modified", sent.unchanged, []
        return 0, "200 OK", sent.headers, [sent.body] if environ["REQUEST_METHOD"] == "GET" else []

    def _coding_for(self, accepted: str | None) -> str | None:
        """Choose a coding, and remember it for all who send the same."""
        coding = coding_for(accepted)
        if coding is not None and len(accepted or "") <= LONGEST_ACCEPTED:
            if len(self._codings) >= MOST_CODINGS:
                self._codings.clear()
            self._codings[accepted] = coding
        return coding

    def _encoded(self, key: CacheKey, answer: Answer, coding: str) -> Representation:
        made = self._cache.encoded(key, answer, coding)
        self._metrics.set(self._cache.bytes, "cache_bytes")
        return made

    def _render(
        self, key: CacheKey, environ: dict[str, Any], start_response: StartResponse
    ) -> Iterable[bytes]:
        """Let Flask answer, once for all who ask at the same time, unless it is for one of them alone."""

        def make() -> Answer | _Recorded:
            plain = _named(environ, key)
            for name in CONDITIONS:
                plain.pop(name, None)
            plain["REQUEST_METHOD"] = "GET"
            own = _Recorded()
            asked_at = time.monotonic()
            own.parts.extend(self._inner(plain, own.start))
            own.route = plain.get(ROUTE)
            if READ not in plain or not own.status.startswith("200 "):
                return own
            subject, version, opaque = plain[READ]
            shared = [(name, value) for name, value in own.headers if name.lower() in SHARED]
            tally = self._metrics.tally("kept", own.route or NO_ROUTE)
            return Answer(subject, version, opaque, shared, own.body, tally, own.route, confirmed_at=asked_at)

        made = self._cache.get_or_render(key, self._may_share, make)
        environ[ROUTE] = made.route
        self._metrics.set(self._cache.bytes, "cache_bytes")
        self._tell()
        if isinstance(made, Answer):
            chosen = self._choose(key, made, environ)
            if chosen is None:
                return self._inner(_named(environ, key), start_response)  # which says what there is
            _, status, headers, body = chosen
        else:
            status, headers = made.status, made.headers
            body = [made.body] if environ["REQUEST_METHOD"] == "GET" else []
        start_response(status, headers)
        return body

    def _tell(self) -> None:
        """Say in the log, at most once a minute, how much Flask was spared: such answers have no lines."""
        now, (then, hits) = time.monotonic(), self._told
        if now - then >= SUMMARY_SECONDS:
            self._told = (now, self._metrics.kept())
            log.info("kept answers", sent=self._told[1] - hits, seconds=round(now - then))


class _NoVersion(Exception):
    """The database cannot say of which version an answer would be."""


def _named(environ: dict[str, Any], key: CacheKey) -> dict[str, Any]:
    """The request as if its query had been spelled as the key's is."""
    return environ | {"QUERY_STRING": key[1]}


@dataclass
class _Recorded:
    """An answer of the application behind, as it was for one reader."""

    status: str = ""
    route: str | None = None
    headers: Headers = field(default_factory=list)
    parts: list[bytes] = field(default_factory=list)

    def start(self, status: str, headers: Headers, exc_info: Any = None, /) -> Callable[[bytes], object]:
        """Take the place of the server's `start_response` (PEP 3333)."""
        self.status, self.headers = status, headers
        return self.parts.append

    @property
    def body(self) -> bytes:
        """All of it."""
        return b"".join(self.parts)
