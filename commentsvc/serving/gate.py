"""What stands in front of Flask: reads the body, waits for a place, and keeps the access log.

A thread of the server waits for each slow body; a place in Flask is only taken once the body
is there, so that slow senders cost threads, which are many, and not places, which are few. Of
the threads they get at most half: the others are for those who read. How long a body may take is
not for us to say, as a read of `wsgi.input` cannot be interrupted: `serving/slow_connections.py` ends it.

Nobody holds all of anything: clients take turns, each has a part at most, and a part is the desk's alone.
What renders a guest's text, which takes longest, has two of the places at most. How much of it a client
may do in a time is counted inside (`web/rendering.py`). On SQLite those who send something have but a part of the
places: where one lock holds all of them, those who read have the rest.

What asks no database (`/healthz`, scripts) waits for no place. All else is refused at once while the database hangs.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from html import escape
from http import HTTPStatus
from io import BytesIO
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication

import structlog
from msgspec import json

from commentsvc.cache.keys import escaped
from commentsvc.http_terms import (
    API,
    EXPOSED_HEADERS,
    HTML,
    PROBLEM,
    RENDERED,
    ROUTE,
    STREAM,
    STREAMS,
    TOO_LARGE,
    is_private,
)
from commentsvc.log import log_fault
from commentsvc.rate_limits.networks import network_of_log, networks_of
from commentsvc.serving.fair_semaphore import Caller, FairSemaphore, NoPermit
from commentsvc.serving.slow_refusals import SlowRefusals
from commentsvc.serving.streams import LENGTH, Streams, TooManyStreams
from commentsvc.settings import Settings
from commentsvc.storage import waiting
from commentsvc.storage.database import POOL_SIZE
from commentsvc.storage.faults import is_of_database, is_of_machine
from commentsvc.storage.outage import DatabaseHangs, Outage

SLOT_TIMEOUT_SECONDS = 5  # how long a request waits for a place before it is told to come again
WAITING = 64  # requests of one client that wait for a place; a browser sends six at a time
MAX_UPLOADS = 256  # requests with a body at a time, waiting and worked on: half of the server's threads
MAX_UPLOADS_PER_CLIENT = 64
UPLOADS_RESERVED_FOR_DESK = 32  # of them are for moderators alone, as one of the places is
BODIES_PER_CLIENT = 16  # that are being read at a time
BODY_TIMEOUT_SECONDS = 1  # how long a body waits until others of its client have come in
WRITERS_ON_SQLITE = 5  # of the places: it lets one write at a time, and all others wait
RENDERINGS = 2  # of the places; and one of a client
PREVIEW = "/api/v1/preview"  # nothing is written
RENDERING = (PREVIEW, "/api/v1/comments", "/thread")  # how paths begin where a text is sent
METRICS = "/metrics"
WITHOUT_DATABASE = re.compile(r"/healthz|/[a-z]+\.js|/static/.*")
REFUSED = ("429", "503")  # how the statuses begin of who is to come again later
SLOW_SECONDS = 5  # a body that ends too early after so long was cut off: until then, its length is wrong
# Of this host alone: others of its domain may have no certificate. Browsers heed it on https alone (RFC 6797 §8.1).
HTTPS_ONLY = ("Strict-Transport-Security", "max-age=31536000")
PAGE = (
    '<!doctype html><html lang="en"><meta name="viewport" content="width=device-width">'
    '<meta name="color-scheme" content="light dark"><title>{title}</title><h1>{title}</h1><p>{detail}</p></html>'
)
BODILESS = {"GET", "HEAD", "OPTIONS"}
log = structlog.get_logger("commentsvc.access")


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is answered without asking Flask."""

    status: str
    detail: str
    retry_after: int | None = None  # seconds


BUSY = Refusal(
    "503 Service Unavailable",
    "There is more to do than this service can at the moment. Please try again in a few seconds.",
    retry_after=5,
)
OUT = Refusal(
    "503 Service Unavailable",
    "The service cannot take this now. Please try again in a moment.",
    retry_after=2,
)
DATABASE_OUT = Refusal(
    "503 Service Unavailable",
    "The database cannot take this now. Please try again in a moment.",
    retry_after=2,
)
STREAMS_OF_CLIENT = Refusal(
    "429 Too Many Requests", "This client has as many streams of events as it may.", retry_after=60
)
STREAMS_OF_ALL = Refusal(
    "503 Service Unavailable", "There are as many streams of events as there may be.", retry_after=60
)
FAULT = Refusal("500 Internal Server Error", "Something went wrong on our side. The error has been logged.")
TOO_SHORT = Refusal("400 Bad Request", "The body is shorter than its Content-Length says.")
TOO_SLOW = Refusal("408 Request Timeout", "The body did not arrive in time. Please send it again.")


class RequestGate:
    """A WSGI application that wraps Flask's.

    A body of more bytes than `largest_body` says is dropped, and marked so in `environ`.
    """

    def __init__(self, flask: WSGIApplication, settings: Settings, outage: Outage, streams: Streams) -> None:
        self._flask = flask
        self._streams = streams
        self._outage = outage
        self._timeout = settings.database_timeout
        self._path = settings.base_path()
        self._most = largest_body(settings)
        self._on_all = [HTTPS_ONLY] if settings.base_url.startswith("https:") else []
        self._places = FairSemaphore(POOL_SIZE, POOL_SIZE // 2, waiting=WAITING, reserved=1)
        writers = WRITERS_ON_SQLITE if settings.database_file() else POOL_SIZE
        self._writers = FairSemaphore(writers, writers // 2, waiting=WAITING, reserved=1)
        self._senders = FairSemaphore(
            MAX_UPLOADS, MAX_UPLOADS_PER_CLIENT, waiting=0, reserved=UPLOADS_RESERVED_FOR_DESK
        )
        self._bodies = FairSemaphore(MAX_UPLOADS, BODIES_PER_CLIENT, waiting=MAX_UPLOADS_PER_CLIENT)
        self._renderings = FairSemaphore(RENDERINGS, 1, waiting=WAITING)
        self._slow_refusals = SlowRefusals()

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        began = time.perf_counter()
        answered: list[tuple[str, list[tuple[str, str]]]] = []

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            answered[:] = [(status, headers)]  # told when all is done: what comes after may still fail

        self._mount(environ)
        # Werkzeug fails on bytes that are no UTF-8.
        environ["QUERY_STRING"] = escaped(environ.get("QUERY_STRING", ""))
        caller = _caller(environ)
        answer = self._answer if environ["REQUEST_METHOD"] in BODILESS else self._answer_sender
        try:
            environ[STREAMS] = self._streams.can_open
            body = answer(caller, environ, start)
            if STREAM in environ and environ["REQUEST_METHOD"] == "GET":
                body = self._open_stream(caller, environ, *answered[0], start)
        except NoPermit:
            body = refuse(BUSY, environ, start)
        except DatabaseHangs:
            body = refuse(DATABASE_OUT, environ, start)
        except Exception as why:  # of what runs when Flask has answered, or of answering an error itself
            log_fault(why, environ.get(ROUTE))
            passes = is_of_database(why) or is_of_machine(why)
            body = refuse(OUT if passes else FAULT, environ, start)
        status, headers = answered[0]
        if status.startswith(REFUSED):
            self._slow_refusals.refused(caller.networks[-1])
        start_response(status, headers + self._on_all)
        log.info(
            "request",
            method=environ["REQUEST_METHOD"],
            route=environ.get(ROUTE),
            status=int(status[:3]),
            ms=round((time.perf_counter() - began) * 1000, 2),
            client=network_of_log(environ.get("REMOTE_ADDR", "")),
        )
        return body

    def _mount(self, environ: dict[str, Any]) -> None:
        """Take the path of BASE_URL off, whether or not a proxy did so already."""
        if not self._path:
            return
        path = environ.get("PATH_INFO", "")
        if path == self._path or path.startswith(self._path + "/"):
            environ["PATH_INFO"] = path[len(self._path) :] or "/"
        environ["SCRIPT_NAME"] = self._path

    def _open_stream(
        self,
        caller: Caller,
        environ: dict[str, Any],
        status: str,
        headers: list[tuple[str, str]],
        start: StartResponse,
    ) -> Iterable[bytes]:
        """Make a stream of the answer that tells of a thread; it holds no place any more."""
        try:
            body = self._streams.open(environ[STREAM], environ.get("HTTP_LAST_EVENT_ID"), caller)
        except TooManyStreams as beyond:
            return refuse(STREAMS_OF_CLIENT if beyond.of_client else STREAMS_OF_ALL, environ, start)
        told = [(name, value) for name, value in headers if name.lower() != "content-length"]
        start(status, [*told, ("Content-Length", str(LENGTH))])
        return body

    def _answer_sender(
        self, caller: Caller, environ: dict[str, Any], start: StartResponse
    ) -> Iterable[bytes]:
        # A request that waited here would hold the thread that is not to be given.
        with self._senders.permit(caller, 0):
            began = time.monotonic()
            with self._bodies.permit(caller, BODY_TIMEOUT_SECONDS):
                body, whole = self._read_body(environ)
            if not whole:
                slow = time.monotonic() - began > SLOW_SECONDS
                return refuse(TOO_SLOW if slow else TOO_SHORT, environ, start)
            if environ.get("PATH_INFO", "").startswith(RENDERING):
                return self._answer_rendering(caller, environ, start, body)
            return self._answer_writer(caller, environ, start, body)

    def _answer_rendering(
        self, caller: Caller, environ: dict[str, Any], start: StartResponse, body: bytes
    ) -> Iterable[bytes]:
        """Wait for one of the few places where texts are rendered; what follows needs it no longer."""
        with ExitStack() as rendering:
            rendering.enter_context(self._renderings.permit(caller, SLOT_TIMEOUT_SECONDS))
            environ[RENDERED] = rendering.close
            answer = self._answer if environ["PATH_INFO"] == PREVIEW else self._answer_writer
            return answer(caller, environ, start, body)

    def _answer_writer(
        self, caller: Caller, environ: dict[str, Any], start: StartResponse, body: bytes
    ) -> Iterable[bytes]:
        with self._writers.permit(caller, SLOT_TIMEOUT_SECONDS):
            return self._answer(caller, environ, start, body)

    def _answer(
        self, caller: Caller, environ: dict[str, Any], start: StartResponse, body: bytes = b""
    ) -> Iterable[bytes]:
        environ["wsgi.input"] = BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        if WITHOUT_DATABASE.fullmatch(environ.get("PATH_INFO", "")):
            return self._flask(environ, start)
        tells_of_outages = environ.get("PATH_INFO") == METRICS
        if not tells_of_outages:
            self._outage.refuse()
        with self._places.permit(caller, SLOT_TIMEOUT_SECONDS):
            if not tells_of_outages:
                self._outage.refuse()  # it may have begun while this one waited
            with waiting.bounded(self._timeout):
                return self._flask(environ, start)

    def _read_body(self, environ: dict[str, Any]) -> tuple[bytes, bool]:
        """Give the body, and whether all of it came that was promised (in chunks, nothing is)."""
        length = environ.get("CONTENT_LENGTH")
        # Nineteen digits are more bytes than there are; int() refuses thousands of them.
        promised = (int(length[:19]) if length.isdecimal() else 0) if length else None
        wanted = self._most + 1 if promised is None else min(promised, self._most + 1)
        body = _read_all(environ["wsgi.input"], wanted)
        if len(body) > self._most:
            environ[TOO_LARGE] = True
            return b"", True
        return body, promised is None or len(body) == wanted


def _caller(environ: dict[str, Any]) -> Caller:
    return Caller(networks_of(environ.get("REMOTE_ADDR", "")), is_private(environ.get("PATH_INFO", "")))


def largest_body(settings: Settings) -> int:
    """How many bytes a body may have.

    A character is at most 12 bytes on the wire (two JSON escapes, or four percent-escapes),
    and 64 kB are left for the rest.
    """
    return 12 * settings.max_text + 65_536


def _read_all(stream: Any, wanted: int) -> bytes:
    parts: list[bytes] = []
    while wanted > 0 and (part := stream.read(wanted)):
        parts.append(part)
        wanted -= len(part)
    return b"".join(parts)


def refuse(refusal: Refusal, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """Answer without Flask: a problem, or to a browser that opens a page, a page (RFC 9457)."""
    status = int(refusal.status[:3])
    as_page = _wants_page(environ)
    headers = [
        ("Content-Type", HTML if as_page else PROBLEM),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "same-origin"),
        ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ]
    if refusal.retry_after is not None:
        headers.append(("Retry-After", str(refusal.retry_after)))
    if environ["REQUEST_METHOD"] not in BODILESS:
        headers.append(("Connection", "close"))  # what is left of the body would come first
    if not is_private(environ.get("PATH_INFO", "")):
        headers += [("Access-Control-Allow-Origin", "*"), ("Access-Control-Expose-Headers", EXPOSED_HEADERS)]
    start_response(refusal.status, headers)
    title = HTTPStatus(status).phrase
    if as_page:
        return [PAGE.format(title=escape(title), detail=escape(refusal.detail)).encode()]
    return [json.encode({"type": "about:blank", "title": title, "status": status, "detail": refusal.detail})]


def _wants_page(environ: dict[str, Any]) -> bool:
    return "text/html" in environ.get("HTTP_ACCEPT", "") and API not in environ.get("PATH_INFO", "")
