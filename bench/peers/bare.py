"""The ceiling in the same server: a WSGI application that returns bytes it has, and does nothing else.

Under the name of each answer it gives the answer as commentsvc did, with the same headers; under
`NAME.plain` with no header but those that the body needs.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from bench.answers import Answer, read_all

WSGI = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
NEEDED = {"content-type", "content-encoding", "content-length"}


def make() -> WSGI:
    """The application on the answers that lie in BENCH_ANSWERS."""
    answers = {"/ready": ([("Content-Length", "2")], [b"ok"])}
    for name, answer in read_all(Path(os.environ["BENCH_ANSWERS"])).items():
        answers[f"/{name}"] = (answer.headers, [answer.body])
        answers[f"/{name}.plain"] = (_needed(answer), [answer.body])

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        headers, body = answers[environ["PATH_INFO"]]
        start_response("200 OK", headers)
        return body

    return app


def _needed(answer: Answer) -> list[tuple[str, str]]:
    return [(name, value) for name, value in answer.headers if name.lower() in NEEDED]
