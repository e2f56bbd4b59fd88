"""No header is parsed that is longer than it needs to be.

What is answered from the cache reads two of them, and bounds these itself (`cache/codings.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication

from commentsvc.serving.gate import Refusal, refuse

LONGEST_HEADER = 4096  # characters of one that we or the framework parse; browsers send a few hundred
# A request that comes without one of these means the same or is refused for it, so it is read as if it had not come.
DROPPED = (
    "CONTENT_TYPE",
    "HTTP_ACCEPT",
    "HTTP_ACCEPT_ENCODING",
    "HTTP_ACCEPT_LANGUAGE",
    "HTTP_AUTHORIZATION",
    "HTTP_COOKIE",
    "HTTP_IF_MATCH",
    "HTTP_IF_MODIFIED_SINCE",
    "HTTP_IF_NONE_MATCH",
    "HTTP_IF_RANGE",
    "HTTP_IF_UNMODIFIED_SINCE",
    "HTTP_RANGE",
    "HTTP_REFERER",
    "HTTP_X_CSRFTOKEN",
)
# Without one of these it would be taken for another's, or done twice.
REFUSED = ("HTTP_IDEMPOTENCY_KEY", "HTTP_ORIGIN", "HTTP_X_FORWARDED_FOR")

TOO_LONG = Refusal(
    "431 Request Header Fields Too Large",
    f"A header of this request has more than {LONGEST_HEADER} characters.",
)


class BoundedHeaders:
    """A WSGI application before those that parse: no header is parsed that is longer than `LONGEST_HEADER`.

    To parse 115 kB of `Accept-Encoding` took 47 ms, on a path that has no limit.
    """

    def __init__(self, inner: WSGIApplication) -> None:
        self._inner = inner

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request (PEP 3333); 431 where a header that cannot be left out is too long (RFC 6585 §5)."""
        for name in DROPPED:
            if name in environ and len(environ[name]) > LONGEST_HEADER:
                del environ[name]
        for name in REFUSED:
            if name in environ and len(environ[name]) > LONGEST_HEADER:
                return refuse(TOO_LONG, environ, start_response)
        return self._inner(environ, start_response)
