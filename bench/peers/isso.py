"""Isso, as its documentation runs it: `gunicorn -b HOST:PORT -w 4 --preload isso.run`.

Its settings are the defaults, but that `guard` is off, since it takes two posts a minute from one
address; moderation is off by default. Its database is its own SQLite file, and the comments come
into it through its own code (`isso_fill.py`). It keeps replies on one level below the first, so
its answer is flatter than ours; it holds the same comments.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bench.machine import BENCH_PYTHON
from bench.servers import Server, free_port, running

WORKERS = 4
SETTINGS = """\
[general]
dbpath = {folder}/comments.db
host = http://127.0.0.1:{port}/
[guard]
enabled = false
"""
FILL = Path(__file__).with_name("isso_fill.py")


@contextmanager
def serving(folder: Path, comments: Iterable[dict[str, Any]]) -> Iterator[Server]:
    """Serve *comments*, each with `article`, `number`, `parent`, `name`, `text`, `posted_at`."""
    folder.mkdir(exist_ok=True)
    port = free_port()
    settings, lines = folder / "isso.cfg", folder / "comments.jsonl"
    settings.write_text(SETTINGS.format(folder=folder, port=port))
    lines.write_text("".join(json.dumps(comment) + "\n" for comment in comments))
    # With -P, since `isso` means this very file to a script that lies beside it.
    subprocess.run([BENCH_PYTHON, "-P", FILL, settings, lines], check=True)
    gunicorn = [str(BENCH_PYTHON), "-m", "gunicorn", "-b", f"127.0.0.1:{port}", "-w", str(WORKERS)]
    with running(
        [*gunicorn, "--preload", "isso.run"],
        port,
        folder / "isso.log",
        environ={"ISSO_SETTINGS": str(settings)},
        path="/info",
    ) as server:
        yield server


def thread(server: Server, article: str) -> str:
    """The address of a whole thread."""
    return f"{server.base_url}/?uri={quote(article, safe='')}"


def new(server: Server, article: str) -> str:
    """Where a comment is posted to."""
    return f"{server.base_url}/new?uri={quote(article, safe='')}"
