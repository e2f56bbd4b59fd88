"""A front-page story: many read one thread through nginx while some post to it. Prints what the nodes had to do.

`python -m deploy.cluster.measure`; needs `wrk`.
"""

from __future__ import annotations

import re
import subprocess
import threading
import time
from collections import Counter
from pathlib import Path

import httpx

from deploy.cluster.nodes import Cluster, cluster
from deploy.cluster.processes import program

SECONDS = 10
CONNECTIONS = 64
POST_PAUSE = 0.2  # seconds
PATH = "/thread/fragment?article=front"
EASY = {
    "MODERATION": "none",
    "FORM_MIN_SECONDS": "0",
    "RATE_LIMIT_POST": "100000 per minute",
    "RATE_LIMIT_READ": "1000000 per minute",
    "RATE_LIMIT_RENDER": "100000 per minute",
}


def post(url: str, number: int) -> None:
    """Post one comment to the story."""
    with httpx.Client(base_url=url, timeout=30) as client:
        token = client.get("/api/v1/form?article=front").json()["token"]
        fields = {
            "name": "Ada",
            "email": "ada@reader.example",
            "text": f"What I think of it, number {number}.",
        }
        client.post("/api/v1/comments", json=fields | {"article": "front", "token": token}).raise_for_status()


def keep_posting(url: str, ended: threading.Event) -> None:
    """Post until told to stop."""
    number = 1000
    while not ended.wait(POST_PAUSE):
        number += 1
        post(url, number)


def read(url: str) -> float:
    """Requests a second that wrk got answered; all of them with 200."""
    command = [
        program("wrk"),
        "-t1",
        f"-c{CONNECTIONS}",
        f"-d{SECONDS}s",
        "-H",
        "Accept-Encoding: br",
        url + PATH,
    ]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    failed = re.search(r"Non-2xx.*|Socket errors.*", said)
    found = re.search(r"Requests/sec:\s+([\d.]+)", said)
    print(f"    {failed[0] if failed else 'none failed'}")
    return float(found[1]) if found else 0.0


def story(running: Cluster, url: str) -> tuple[float, Counter[str]]:
    """Reads a second at *url* while some post, and what nginx says of each read."""
    log = running.folder / "nginx" / "comments.log"
    before = len(_reads(log))
    ended = threading.Event()
    poster = threading.Thread(target=keep_posting, args=(running.nodes[0].url, ended))
    poster.start()
    try:
        rate = read(url)
    finally:
        ended.set()
        poster.join()
    time.sleep(1)  # the log's last lines
    return rate, Counter(line.split()[-1] for line in _reads(log)[before:])


def _reads(log: Path) -> list[str]:
    return [line for line in log.read_text().splitlines() if "/thread/fragment" in line]


def main() -> None:
    """Measure with and without the micro-cache."""
    for shared, stale in (("0", "0"), ("2", "10")):
        with cluster(with_redis=False, **EASY, SHARED_MAX_AGE=shared, STALE_SECONDS=stale) as running:
            for number in range(100):
                post(running.nodes[0].url, number)
            if shared == "0":
                rate, _ = story(running, running.nodes[0].url)
                print(f"one node, past nginx: {rate:,.0f} reads/s")
            rate, seen = story(running, running.url)
            print(
                f"nginx, SHARED_MAX_AGE={shared}: {rate:,.0f} reads/s; {dict(seen)} in {SECONDS} s",
                flush=True,
            )


if __name__ == "__main__":
    main()
