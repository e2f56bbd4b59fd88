"""Where each microsecond goes: the application called as its server calls it, and looked at while it works.

A timer interrupts it every millisecond; the innermost function that one of `RULES` knows says
which step is under way. So a step's share includes what it calls, down to the database and the
disk, and nothing is slowed down by being counted. What remains between this and the time of a
request under load on the same core is the server's.

    python -m bench.steps KIND DATA_DIR SECONDS
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import cycle
from pathlib import Path
from types import FrameType
from typing import Any

from flask import Flask
from werkzeug.test import EnvironBuilder

from bench import data, postings, seed
from bench.machine import SERVER_CORE, on_core
from bench.peers import ours
from commentsvc.app import create_app
from commentsvc.intake import form_tokens
from commentsvc.settings import Settings

INTERVAL = 0.00097  # seconds; not a multiple of anything
WARM = 50  # calls before it is looked at
KINDS = {"hot read": ours.HOT, "304": ours.HOT, "miss": ours.NOTHING_KEPT, "post": ours.SHOWN}
MOST_POSTS_A_SECOND = 4000

SERVER, OTHER = "server", "other"
CALLER = "caller"  # this file, in the server's place; it is left out
STEPS = (
    SERVER,
    "routing",
    "look-up",
    "limits",
    "validation",
    "Markdown",
    "bleach",
    "sealing",
    "statements",
    "commit",
    "answer",
    "Brotli",
    "log",
    OTHER,
)
# By a part of the file's path and, where that is not enough, the function's name; the first that fits.
RULES: tuple[tuple[str, str, frozenset[str]], ...] = (
    ("Markdown", "/markdown_it/", frozenset()),
    ("bleach", "/bleach/", frozenset()),
    ("Markdown", "/commentsvc/publishing/", frozenset()),
    ("sealing", "/commentsvc/privacy/", frozenset()),
    ("limits", "/flask_limiter/", frozenset()),
    ("limits", "/site-packages/limits/", frozenset()),
    ("limits", "/commentsvc/web/limits.py", frozenset()),
    ("limits", "/commentsvc/rate_limits/", frozenset()),
    ("Brotli", "/commentsvc/cache/codings.py", frozenset({"encode"})),
    ("look-up", "/commentsvc/cache/versions.py", frozenset()),
    ("look-up", "/commentsvc/cache/middleware.py", frozenset({"_is_current"})),
    ("look-up", "/commentsvc/cache/store.py", frozenset()),
    ("answer", "/commentsvc/cache/middleware.py", frozenset({"_send"})),
    ("commit", "/sqlalchemy/", frozenset({"do_commit"})),
    ("statements", "/sqlalchemy/", frozenset()),
    ("statements", "/flask_sqlalchemy/", frozenset()),
    ("statements", "/commentsvc/storage/", frozenset()),
    ("statements", "/commentsvc/actions/post.py", frozenset()),
    ("validation", "/wtforms/", frozenset()),
    ("validation", "/flask_wtf/", frozenset()),
    ("validation", "/commentsvc/intake/", frozenset()),
    ("validation", "/commentsvc/screening/", frozenset()),
    ("validation", "/commentsvc/web/parameters.py", frozenset()),
    ("validation", "/commentsvc/web/origins.py", frozenset()),
    ("answer", "/commentsvc/publishing/", frozenset()),
    ("answer", "/commentsvc/actions/read.py", frozenset()),
    ("answer", "/commentsvc/web/schemas.py", frozenset()),
    ("answer", "/commentsvc/web/responses.py", frozenset()),
    ("answer", "/commentsvc/web/headers.py", frozenset()),
    ("answer", "/commentsvc/cache/codings.py", frozenset()),
    ("answer", "/jinja2/", frozenset()),
    ("log", "/structlog/", frozenset()),
    ("log", "/logging/", frozenset()),
    ("log", "/commentsvc/log.py", frozenset()),
    ("routing", "/werkzeug/", frozenset()),
    ("routing", "/flask/", frozenset()),
    ("routing", "/commentsvc/web/", frozenset()),
)

Environ = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Looked:
    """Microseconds of one call, and in which steps it was met how often."""

    microseconds: float
    met: dict[str, int]

    def steps(self, whole: float) -> dict[str, float]:
        """Microseconds by step, of a request that takes *whole* with its server."""
        samples = sum(self.met.values())
        inside = {step: self.microseconds * met / samples for step, met in self.met.items()}
        found = {SERVER: max(0.0, whole - self.microseconds)} | inside
        return {step: found[step] for step in STEPS if step in found}


def look(kind: str, data_dir: Path, seconds: int) -> Looked:
    """Look at one of `KINDS` in a process of its own, on the servers' core."""
    command = [sys.executable, "-m", "bench.steps", kind, str(data_dir), str(seconds)]
    done = subprocess.run(on_core(SERVER_CORE, *command), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    return Looked(**json.loads(done.stdout))


def step_of(frame: FrameType | None) -> str:
    """The step that the innermost known function belongs to."""
    while frame is not None:
        file, function = frame.f_code.co_filename, frame.f_code.co_name
        if file == __file__:
            return CALLER
        for step, part, functions in RULES:
            if part in file and (not functions or function in functions):
                return step
        frame = frame.f_back
    return OTHER


def _look(kind: str, data_dir: Path, seconds: int) -> Looked:
    app = create_app(Settings.from_environ(ours.environ(data_dir, KINDS[kind])))
    environs = _environs(kind, app, seconds)
    expected = {"304": "304", "post": "201"}.get(kind, "200")
    for _ in range(WARM):
        _call(app, next(environs), expected)
    met: Counter[str] = Counter()
    signal.signal(signal.SIGALRM, lambda _number, frame: met.update([step_of(frame)]))
    signal.siginterrupt(signal.SIGALRM, False)  # SQLite is not told of it
    signal.setitimer(signal.ITIMER_REAL, INTERVAL, INTERVAL)
    began, calls = time.perf_counter(), 0
    while time.perf_counter() < began + seconds:
        _call(app, next(environs), expected)
        calls += 1
    taken = time.perf_counter() - began
    signal.setitimer(signal.ITIMER_REAL, 0)
    samples, own = met.total(), met.pop(CALLER, 0)
    return Looked(taken / calls * 1e6 * (1 - own / samples), dict(met))


def _call(app: Callable[..., Any], environ: Environ, expected: str) -> None:
    answered = []
    body = app(environ, lambda status, _headers, *_: answered.append(status))
    for _ in body:
        pass
    if hasattr(body, "close"):
        body.close()
    assert answered[0].startswith(expected), answered


def _environs(kind: str, app: Flask, seconds: int) -> Iterator[Environ]:
    """One request after the other as the server gives it, from clients of many addresses."""
    if kind == "post":
        return _posts(app, seconds)
    asked = {"Accept-Encoding": "br"}
    if kind == "304":
        etag = app.test_client().get(_thread(), headers=asked).headers["ETag"]
        asked["If-None-Match"] = etag
    return _reads(EnvironBuilder(path=_thread(), headers=asked).get_environ())


def _thread() -> str:
    return f"/api/v1/thread?article={data.HUNDRED}"


def _reads(environ: Environ) -> Iterator[Environ]:
    for address in cycle(ours.clients()):
        yield environ | {"REMOTE_ADDR": address, "wsgi.input": BytesIO()}


def _posts(app: Flask, seconds: int) -> Iterator[Environ]:
    written, clients = seed.texts(1), cycle(ours.clients())
    service = app.extensions["commentsvc"]
    site = seed.default_site(service)
    made = []
    for number in range(WARM + MOST_POSTS_A_SECOND * seconds):
        article = postings.many_articles(number)
        token = form_tokens.issue(service, site, article)
        text = postings.one_of(written)
        made.append(json.dumps(postings.POSTER | {"article": article, "text": text, "token": token}).encode())
    template = EnvironBuilder(
        method="POST", path="/api/v1/comments", content_type="application/json"
    ).get_environ()
    for body in made:
        yield template | {
            "REMOTE_ADDR": next(clients),
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": BytesIO(body),
        }


if __name__ == "__main__":
    _kind, _data_dir, _seconds = sys.argv[1:]
    _looked = _look(_kind, Path(_data_dir), int(_seconds))
    print(json.dumps({"microseconds": _looked.microseconds, "met": _looked.met}))
