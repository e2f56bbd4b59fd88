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
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication

import structlog

from commentsvc.cache.codings import coding_for, has_it
from commentsvc.cache.keys import CacheKey, Spellings
from commentsvc.cache.store import Answer, Headers, ResponseCache
from commentsvc.cache.versions import Versions
from commentsvc.http_terms import READ
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
        "referrer-policy",
        "strict-transport-security",
        "x-content-type-options",
    }
)
READS = ("GET", "HEAD")
CONDITIONS = ("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_ACCEPT_ENCODING", "HTTP_RANGE", READ)
SUMMARY_SECONDS = 60  # between two lines of the log that say how much was answered from the cache

log = structlog.get_logger("commentsvc.access")


class HotReads:
    """A WSGI application that wraps all the others; with `CACHE_BYTES` 0 it only lets through."""

    def __init__(
        self, inner: WSGIApplication, cache: ResponseCache, versions: Versions, settings: Settings
    ) -> None:
        self._inner = inner
        self._cache = cache
        self._versions = versions
        self._spellings = Spellings(cache.max_bytes // SPELLINGS_SHARE, settings.base_path())
        self._stale_seconds = settings.stale_seconds
        self._known_key = self._spellings.known
        self._told = (time.monotonic(), 0)
        self._silent_until = 0.0  # on the monotonic clock

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        spelling = (environ["PATH_INFO"], environ["QUERY_STRING"])
        key = self._known_key(spelling) or self._spellings.learn(*spelling)
        if key is None or environ["REQUEST_METHOD"] not in READS:
            return self._inner(environ, start_response)
        if "HTTP_IF_MATCH" in environ or not self._cache.max_bytes:
            return self._inner(_named(environ, key), start_response)
        answer = self._cache.find(key)
        if answer is not None:
            try:
                sent = self._send_kept(key, answer, environ, start_response)
            except Exception as why:  # whatever is wrong with what was cached: it can be rendered again
                log.error("kept answer damaged", kind=type(why).__name__)
                self._cache.drop(key)
            else:
                if sent is not None:
                    return sent
        return self._render(key, environ, start_response)

    def _send_kept(
        self, key: CacheKey, answer: Answer, environ: dict[str, Any], start_response: StartResponse
    ) -> Iterable[bytes] | None:
        """Send *answer* if it is current, or the database is out and it was current lately; else None."""
        try:
            if not self._is_current(answer):
                return None
        except _NoVersion:
            if (age := self._age_to_tell(answer)) is None:
                return None
            return self._send(key, answer, environ, _with_age(start_response, age))
        self._cache.counters.hits += 1
        return self._send(key, answer, environ, start_response)

    def _is_current(self, answer: Answer) -> bool:
        """Whether the answer is what the database would give now.

        :raises _NoVersion: the database cannot be asked.
        """
        if answer.subject is None:
            return True
        commits = self._versions.commits()  # before the look-up: what is committed after, differs
        asked_at = time.monotonic()
        if commits is None or commits != answer.commits:
            try:
                current = self._versions.now(answer.subject) == answer.version
            except Exception as why:  # whatever the driver raises
                self._tell_no_version(why)
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

    def _tell_no_version(self, why: Exception) -> None:
        """Say in the log, at most once a minute, that kept answers cannot be compared with the database."""
        now = time.monotonic()
        if now >= self._silent_until:
            self._silent_until = now + SUMMARY_SECONDS
            log.error("no version", kind=type(why).__name__)

    def _send(
        self, key: CacheKey, answer: Answer, environ: dict[str, Any], start_response: StartResponse
    ) -> Iterable[bytes]:
        coding = coding_for(environ.get("HTTP_ACCEPT_ENCODING"))
        if coding is None:
            return self._inner(_named(environ, key), start_response)  # which says what there is
        sent = answer.coded.get(coding) or self._cache.encoded(key, answer, coding)
        has = environ.get("HTTP_IF_NONE_MATCH")
        if has is not None and has_it(has, sent.etag):
            start_response("304 Not Modified", sent.unchanged)
            return []
        start_response("200 OK", sent.headers)
        return [sent.body] if environ["REQUEST_METHOD"] == "GET" else []

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
            if READ not in plain or not own.status.startswith("200 "):
                return own
            subject, version, opaque = plain[READ]
            shared = [(name, value) for name, value in own.headers if name.lower() in SHARED]
            return Answer(subject, version, opaque, shared, own.body, confirmed_at=asked_at)

        made = self._cache.get_or_render(key, self._may_share, make)
        self._tell()
        if isinstance(made, Answer):
            return self._send(key, made, environ, start_response)
        start_response(made.status, made.headers)
        return [made.body] if environ["REQUEST_METHOD"] == "GET" else []

    def _tell(self) -> None:
        """Say in the log, at most once a minute, how much Flask was spared: such answers have no lines."""
        now, (then, hits) = time.monotonic(), self._told
        if now - then >= SUMMARY_SECONDS:
            self._told = (now, self._cache.counters.hits)
            log.info("kept answers", sent=self._told[1] - hits, seconds=round(now - then))


class _NoVersion(Exception):
    """The database cannot say of which version an answer would be."""


def _with_age(start_response: StartResponse, seconds: int) -> StartResponse:
    """Let an answer say how long ago it was last found to be current (RFC 9111 §5.1)."""

    def start(status: str, headers: Headers, exc_info: Any = None, /) -> Any:
        return start_response(status, [*headers, ("Age", str(seconds))])

    return start


def _named(environ: dict[str, Any], key: CacheKey) -> dict[str, Any]:
    """The request as if its query had been spelled as the key's is."""
    return environ | {"QUERY_STRING": key[1]}


@dataclass
class _Recorded:
    """An answer of the application behind, as it was for one reader."""

    status: str = ""
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
