"""The ceiling: a WSGI application that returns the bytes of a file, and does nothing else."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

BODY = Path(os.environ["BENCH_BODY"]).read_bytes()
HEADERS = [("Content-Type", "application/json"), ("Content-Length", str(len(BODY)))]


def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """Answer every request alike."""
    start_response("200 OK", HEADERS)
    return [BODY]
