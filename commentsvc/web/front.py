"""What stands in front of Flask: reads the body, waits for a place, and keeps the access log.

A thread of the server waits for each slow body; a place in Flask is only taken once the body
is there, so that slow senders cost threads, which are many, and not places, which are few.
"""

from __future__ import annotations

import string
import time
from collections.abc import Callable, Iterable
from io import BytesIO
from threading import BoundedSemaphore
from typing import Any
from urllib.parse import quote

import structlog
from msgspec import json

from commentsvc.settings import Settings
from commentsvc.storage.database import PLACES
from commentsvc.web.headers import is_private
from commentsvc.web.limits import network_of_log

StartResponse = Callable[..., Any]
WSGI = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]

PATIENCE_SECONDS = 5  # how long a request waits for a place before it is told to come again
log = structlog.get_logger("commentsvc.access")


class Front:
    """A WSGI application that wraps Flask's.

    A body of more bytes than `largest_body` says is dropped, and marked so in `environ`.
    """

    def __init__(self, flask: WSGI, settings: Settings) -> None:
        self._flask = flask
        self._path = settings.base_path()
        self._most = largest_body(settings)
        self._places = BoundedSemaphore(PLACES)

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        began = time.perf_counter()
        answered: list[str] = []

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            answered[:] = [status]
            return start_response(status, headers, exc_info) if exc_info else start_response(status, headers)

        self._mount(environ)
        _escape_query(environ)
        self._read_body(environ)
        if not self._places.acquire(timeout=PATIENCE_SECONDS):
            body = _come_again(environ, start)
        else:
            try:
                body = self._flask(environ, start)
            finally:
                self._places.release()
        log.info(
            "request",
            method=environ["REQUEST_METHOD"],
            route=environ.get("commentsvc.route"),
            status=int(answered[0][:3]) if answered else 500,
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

    def _read_body(self, environ: dict[str, Any]) -> None:
        if environ["REQUEST_METHOD"] in {"GET", "HEAD", "OPTIONS"}:
            body = b""
        else:
            length = environ.get("CONTENT_LENGTH") or str(self._most + 1)
            # Nineteen digits are more bytes than there are; int() refuses thousands of them.
            wanted = min(int(length[:19]) if length.isdecimal() else 0, self._most + 1)
            body = _read_all(environ["wsgi.input"], wanted)
            if len(body) > self._most:
                environ["commentsvc.too_large"] = True
                body = b""
        environ["wsgi.input"] = BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))


def _escape_query(environ: dict[str, Any]) -> None:
    """Write bytes that came as they are, as escapes: Werkzeug fails on those that are no UTF-8."""
    query = environ.get("QUERY_STRING", "")
    if not query.isascii():
        environ["QUERY_STRING"] = quote(query.encode("latin-1"), safe=string.printable)


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


def _come_again(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    problem = {
        "type": "about:blank",
        "title": "Not available at the moment",
        "status": 503,
        "detail": "There is more to do than this service can at the moment. Please try again in a few seconds.",
    }
    headers = [
        ("Content-Type", "application/problem+json"),
        ("Retry-After", "5"),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
        ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ]
    if not is_private(environ.get("PATH_INFO", "")):
        headers.append(("Access-Control-Allow-Origin", "*"))
    start_response("503 Service Unavailable", headers)
    return [json.encode(problem)]
