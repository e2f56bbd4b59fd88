"""Around what renders somebody's text: it is counted by the time that it takes, and few may do it at a time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from flask import request

from commentsvc.http_terms import RENDERED
from commentsvc.web.limits import Counting


@contextmanager
def rendering(counting: Counting | None) -> Iterator[None]:
    """Render within the block; a program with an API token is not counted.

    The time is the processor's: a busy machine makes nobody's text cost more.

    :raises TooMany: this client rendered too much.
    """
    if counting:
        counting.before_rendering()
    began = time.thread_time()
    try:
        yield
    finally:
        if counting:
            counting.rendered(time.thread_time() - began)
        request.environ[RENDERED]()
