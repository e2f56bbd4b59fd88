"""The demo on three nodes: `make cluster`."""

from __future__ import annotations

import signal
import sys
from contextlib import suppress

from deploy.cluster.nodes import cluster

MICRO_CACHE = {"SHARED_MAX_AGE": "2", "STALE_SECONDS": "10"}

signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # so that what was started ends, too
with cluster("demo", with_redis=True, **MICRO_CACHE) as started:
    print(f"\n  Read and discuss   {started.url}/demo/")
    print(
        f"  Moderate           {started.url}/moderation, as the first lines of {started.folder}/node-0/log say"
    )
    print("  Nodes              " + "  ".join(node.url for node in started.nodes))
    print("\n  Ctrl-C stops all of it, and nothing is kept.\n", flush=True)
    with suppress(KeyboardInterrupt):
        signal.pause()
