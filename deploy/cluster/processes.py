"""Start a program, wait until it answers, and end it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

START_SECONDS = 60
STOP_SECONDS = 30
OWNER = "postgres"  # whom PostgreSQL's programs run as where we are root, as they refuse to

Process = subprocess.Popen[bytes]


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def program(name: str) -> str:
    """Where Debian has a program.

    :raises RuntimeError: it is not installed.
    """
    homes = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    path = os.pathsep.join([os.environ["PATH"], "/usr/sbin", *map(str, homes)])
    found = shutil.which(name, path=path)
    if found is None:
        raise RuntimeError(f"{name} is missing; install postgresql, redis-server and nginx-light")
    return found


def as_owner() -> dict[str, Any]:
    """How to start PostgreSQL's programs."""
    return {"user": OWNER, "group": OWNER, "extra_groups": []} if os.geteuid() == 0 else {}


def start(command: Sequence[str | Path], log: Path, **options: Any) -> Process:
    """Start a program, which ends with this process."""
    with log.open("ab") as output:
        return subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", *command],
            stdout=output, stderr=output, start_new_session=True, **options,
        )  # fmt: skip


def stop(process: Process, how: signal.Signals = signal.SIGTERM) -> None:
    """End it, and wait until it has ended."""
    if process.poll() is None:
        process.send_signal(how)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def running(
    command: Sequence[str | Path], log: Path, answers: Callable[[], bool], **options: Any
) -> Iterator[Process]:
    """Run a program until the block ends."""
    process = start(command, log, **options)
    try:
        wait(process, log, answers)
        yield process
    finally:
        stop(process)


def wait(process: Process, log: Path, answers: Callable[[], bool]) -> None:
    """Wait until it answers.

    :raises RuntimeError: it does not, or has ended; the text is what it said.
    """
    until = time.monotonic() + START_SECONDS
    while not answers():
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"It does not start: {log.read_text(errors='replace')}")
        time.sleep(0.05)


def clean_environ(settings: Mapping[str, str], prefix: str) -> dict[str, str]:
    """This process's environment with *settings* alone of those that begin with *prefix*."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(prefix)}
    return kept | {prefix + name: value for name, value in settings.items()}
