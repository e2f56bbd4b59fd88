"""commentsvc itself, by its own command, with the settings that an operator would not change.

It runs with one worker process. Posts are public at once, as they are in the peers. Where every
request is rendered or posts, the clients have addresses of their own behind one proxy, so that the
rate limits are those of a site and do the work that they do there.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from bench.servers import Server, free_port, running
from commentsvc.settings import PREFIX

CLIENTS = 5000

# Posts are public at once, and nobody types them.
SHOWN = {"MODERATION": "none", "FORM_MIN_SECONDS": "0"}
# One client, which asks for more threads for the first time than a person reads in a minute.
HOT = SHOWN | {"RATE_LIMIT_READ": "1000000 per minute"}
BEHIND_PROXY = SHOWN | {"TRUSTED_PROXIES": "1"}
NOTHING_KEPT = BEHIND_PROXY | {"CACHE_BYTES": "0"}


def environ(data_dir: Path, settings: dict[str, str]) -> dict[str, str]:
    """The environment of a service on that data."""
    return {PREFIX + name: value for name, value in (settings | {"DATA_DIR": str(data_dir)}).items()}


@contextmanager
def serving(data_dir: Path, settings: dict[str, str], logs: Path) -> Iterator[Server]:
    """`commentsvc serve` on that data."""
    port = free_port()
    command = [sys.executable, "-m", "commentsvc", "serve", "--port", str(port)]
    log = logs / f"commentsvc-{port}.log"
    with running(command, port, log, environ=environ(data_dir, settings), path="/readyz") as server:
        yield server


def clients() -> list[str]:
    """Addresses of clients, as a proxy passes them on."""
    chance = Random(1)
    return [
        f"10.{chance.randrange(256)}.{chance.randrange(256)}.{chance.randrange(256)}" for _ in range(CLIENTS)
    ]
