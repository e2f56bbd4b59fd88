"""The smallest Flask application in the same server: routes that return bytes they have."""

from __future__ import annotations

import os
from pathlib import Path

from flask import Flask, Response

from bench.answers import Answer, read_all


def make() -> Flask:
    """The application on the answers that lie in BENCH_ANSWERS; it gives each with the headers it had."""
    app = Flask("smallest", static_folder=None)
    app.add_url_rule("/ready", "ready", lambda: "ok")
    for name, answer in read_all(Path(os.environ["BENCH_ANSWERS"])).items():
        _add(app, name, answer)
    return app


def _add(app: Flask, name: str, answer: Answer) -> None:
    @app.get(f"/{name}", endpoint=name)
    def given() -> Response:
        return Response(answer.body, headers=answer.headers)
