"""The demo on three nodes: `make cluster`."""

from __future__ import annotations

import signal
import sys
from contextlib import suppress

from commentsvc.demo.seed import EMAIL, PASSWORD_FILE
from deploy.cluster.nodes import cluster

MICRO_CACHE = {"SHARED_MAX_AGE": "2", "STALE_SECONDS": "10"}

signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # so that what was started ends, too
with cluster("demo", with_redis=True, **MICRO_CACHE) as started:
    password = (started.nodes[0].data / PASSWORD_FILE).read_text().strip()
    print(
        f"\n  Read and discuss   {started.url}/demo/"
        f"\n  Moderate           {started.url}/moderation"
        f"\n                     Email: {EMAIL}"
        f"\n                     Password: {password}"
        f"\n  Nodes              {'  '.join(node.url for node in started.nodes)}"
        "\n\n  Ctrl-C stops all of it, and nothing is kept.\n",
        flush=True,
    )
    with suppress(KeyboardInterrupt):
        signal.pause()
