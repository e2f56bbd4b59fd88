"""The ceiling of durable writing: rows of a short text, each committed by itself, in SQLite set as ours is.

    python -m bench.peers.commits FILE SECONDS

prints how many a second.
"""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from bench.machine import SERVER_CORE, on_core


def rate(file: Path, seconds: int) -> float:
    """Commits a second into *file*, by one process on the servers' core."""
    command = [sys.executable, "-m", "bench.peers.commits", str(file), str(seconds)]
    done = subprocess.run(on_core(SERVER_CORE, *command), capture_output=True, text=True, check=True)
    return float(done.stdout)


def _commit(file: Path, seconds: int) -> float:
    connection = sqlite3.connect(file, isolation_level=None)
    for setting in ("journal_mode = WAL", "synchronous = FULL"):
        connection.execute(f"PRAGMA {setting}")
    connection.execute("CREATE TABLE IF NOT EXISTS row (id INTEGER PRIMARY KEY, text TEXT)")
    began, done = time.perf_counter(), 0
    while time.perf_counter() < began + seconds:
        connection.execute("INSERT INTO row (text) VALUES ('A comment, with some emphasis.')")
        done += 1
    taken = time.perf_counter() - began
    connection.close()
    return done / taken


if __name__ == "__main__":
    print(_commit(Path(sys.argv[1]), int(sys.argv[2])))
