"""The id of a request: its answer has it, and every line of the log that is about it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from threading import local
from typing import Any

HEADER = "X-Request-ID"
GIVEN = "HTTP_X_REQUEST_ID"  # in a WSGI environ
PREFIX_BYTES = 6  # drawn at random, for so many ids as one byte tells apart: to draw each would take too long
_ENDS = [f"{number:02x}" for number in range(256)]

_is_one = re.compile(r"[A-Za-z0-9._-]{8,64}").fullmatch
_fresh: list[str] = []


class _OfThread(local):
    request_id: str | None = None


_of_thread = _OfThread()


def given(environ: Mapping[str, Any]) -> str:
    """The id that the proxy in front gave to this request (PEP 3333); if it is none, one that is made now."""
    named: str = environ[GIVEN]
    return named if _is_one(named) else make()


def make() -> str:
    """A new id."""
    try:
        return _fresh.pop()
    except IndexError:
        prefix = os.urandom(PREFIX_BYTES).hex()
        first, *others = [prefix + end for end in _ENDS]
        _fresh.extend(others)
        return first


def work_on(request_id: str | None) -> None:
    """Say on which request this thread works from now on, if on any."""
    _of_thread.request_id = request_id


def current() -> str | None:
    """The id of the request on which this thread works; None where it works on none."""
    return _of_thread.request_id
