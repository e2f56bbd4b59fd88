"""`make bench`: each figure is a ratio of two things measured in turns, in the same run."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.seed import fill
from commentsvc.actions.sites import site_of
from commentsvc.app import create_app
from commentsvc.intake import tokens
from commentsvc.settings import PREFIX, Settings
from commentsvc.storage import database
from tests.running_service import EASY, free_port, serving

ROUNDS = 5
SECONDS = 3
CONNECTIONS = 32
POSTERS = 8
LARGE = 100_000
SERVER_CORE, LOAD_CORE = ("0", "1") if (os.cpu_count() or 1) > 1 else ("0", "0")


def main() -> None:
    """Seed, measure, print."""
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder))


def measure(folder: Path) -> None:
    """Print the three ratios, with the range over the rounds."""
    data_dir = folder / "data"
    service = prepare(data_dir)
    with ExitStack() as running:
        live = running.enter_context(serving(data_dir))
        pin(live.process.pid)
        thread = f"{live.base_url}/api/v1/thread?article=hundred"
        body = folder / "body.json"
        body.write_bytes(urllib.request.urlopen(thread).read())
        bare = running.enter_context(bare_server(body))
        print(f"{ROUNDS} rounds of {SECONDS} s, in turns; medians of ratios (lowest to highest)\n")

        compare(
            f"read a thread of 100 comments ({body.stat().st_size} bytes) / bare WSGI, same bytes, same server",
            lambda: rate(thread, CONNECTIONS),
            lambda: rate(bare, CONNECTIONS),
        )
        compare(
            f"first page of 50: thread of {LARGE} / thread of 100 (time)",
            lambda: 1 / rate(f"{live.base_url}/api/v1/thread?article=large&limit=50", 1),
            lambda: 1 / rate(f"{thread}&limit=50", 1),
            unit="s",
        )
        bodies = prepared_posts(service, folder)
        compare(
            f"durable posts, {POSTERS} posters / bare one-row durable commits",
            lambda: posts(live.base_url, next(bodies)),
            lambda: bare_commits(folder / "bare.db"),
        )


def prepare(data_dir: Path):
    """A service's data with a thread of 100 and a large one; give the application on it."""
    environ = {PREFIX + name: value for name, value in (EASY | {"DATA_DIR": str(data_dir)}).items()}
    app = create_app(Settings.from_environ(environ))
    with app.app_context():
        service = app.extensions["commentsvc"]
        database.prepare(service.settings)
        for article, size in (("hundred", 100), ("large", LARGE)):
            began = time.perf_counter()
            fill(service, article, size)
            print(f"seeded {size} comments in {time.perf_counter() - began:.1f} s")
    return app


def compare(what: str, ours: Callable[[], float], theirs: Callable[[], float], unit: str = "/s") -> None:
    """Measure both in turns and print the median of the ratios."""
    pairs = [(ours(), theirs()) for _ in range(ROUNDS)]
    ratios = [one / other for one, other in pairs]
    shown = [f"{statistics.median(side):.4g}{unit}" for side in zip(*pairs, strict=True)]
    print(
        f"{statistics.median(ratios):.3f}  ({min(ratios):.3f} to {max(ratios):.3f})  {what}: {shown[0]} against {shown[1]}"
    )


def rate(url: str, connections: int, *script: str) -> float:
    """Requests a second that wrk got answered with 2xx."""
    done = subprocess.run(
        [
            "taskset",
            "-c",
            LOAD_CORE,
            "wrk",
            "-t1",
            f"-c{connections}",
            f"-d{SECONDS}s",
            *script[:2],
            url,
            *script[2:],
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Non-2xx" not in done.stdout, done.stdout
    found = re.search(r"Requests/sec:\s*([\d.]+)", done.stdout)
    assert found, done.stdout
    return float(found[1])


def prepared_posts(app, folder: Path):
    """Files of postings with tokens of their own, one file a round."""
    with app.app_context():
        service = app.extensions["commentsvc"]
        site = site_of(service, None)
        for number in range(ROUNDS):
            file = folder / f"posts-{number}.jsonl"
            with file.open("w") as lines:
                for index in range(SECONDS * 4000):
                    article = f"posts-{index % 50}"
                    posting = {
                        "article": article,
                        "name": "Bench",
                        "email": "bench@load.example",
                        "text": f"Comment number {index} of round {number}, with *some* emphasis.",
                        "token": tokens.issue(service, site, article),
                    }
                    lines.write(json.dumps(posting) + "\n")
            yield file


def posts(base_url: str, bodies: Path) -> float:
    """Durable posts a second."""
    return rate(base_url, POSTERS, "-s", str(Path(__file__).with_name("post.lua")), "--", str(bodies))


def bare_commits(file: Path) -> float:
    """One-row commits a second in the same kind of database, as durable as ours."""
    connection = sqlite3.connect(file, isolation_level=None)
    for statement in ("journal_mode = WAL", "synchronous = FULL"):
        connection.execute(f"PRAGMA {statement}")
    connection.execute("CREATE TABLE IF NOT EXISTS row (id INTEGER PRIMARY KEY, text TEXT)")
    until, done = time.perf_counter() + SECONDS, 0
    while time.perf_counter() < until:
        connection.execute("INSERT INTO row (text) VALUES ('Comment, with some emphasis.')")
        done += 1
    connection.close()
    return done / SECONDS


@contextmanager
def bare_server(body: Path):
    """The bare application in granian, set as ours is."""
    port = free_port()
    command = ["granian", "--interface", "wsgi", "--port", str(port), "--http", "1", "--no-ws"]
    command += ["--blocking-threads", "512", "--log-level", "error", "bench.bare:app"]
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        env=os.environ | {"BENCH_BODY": str(body)},
        start_new_session=True,
    )
    try:
        url = f"http://127.0.0.1:{port}/"
        for _ in range(100):
            try:
                urllib.request.urlopen(url).read()
                break
            except OSError:
                time.sleep(0.1)
        pin(process.pid)
        yield url
    finally:
        process.terminate()
        process.wait(15)


def pin(pid: int) -> None:
    """Keep a server with all its processes and threads on one core, away from the load."""
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    )
    for member in [str(pid), *listed.stdout.split()]:
        subprocess.run(["taskset", "-acp", SERVER_CORE, member], capture_output=True, check=True)


if __name__ == "__main__":
    main()
