"""The server that commentsvc runs in, by the very function that its command calls, with another application.

python -m bench.peers.same_server MODULE:FACTORY PORT
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.servers import Server, free_port, running
from commentsvc.cli.serve import run
from commentsvc.serving.listening import at_address


@contextmanager
def serving(factory: str, answers: Path, logs: Path) -> Iterator[Server]:
    """Serve the application that *factory* makes, with what lies in the folder *answers*."""
    port = free_port()
    command = [sys.executable, "-m", "bench.peers.same_server", factory, str(port)]
    with running(
        command, port, logs / f"same-{port}.log", environ={"BENCH_ANSWERS": str(answers)}, path="/ready"
    ) as server:
        yield server


def _nothing_to_begin(_app: object, _part: object) -> None:
    """A peer has neither keys nor jobs."""


if __name__ == "__main__":
    run(at_address("127.0.0.1", int(sys.argv[2])), 1, sys.argv[1], begin=_nothing_to_begin)
