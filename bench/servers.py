"""Start a server on the servers' core, wait until it answers, and end it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.machine import SERVER_CORE, on_core

PATIENCE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Server:
    """One that runs; `pid` is the process above all of its others."""

    pid: int
    base_url: str


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(
    command: Sequence[str], port: int, log: Path, *, environ: Mapping[str, str] | None = None, path: str = "/"
) -> Iterator[Server]:
    """Run *command*, which listens on *port*, until the block ends; *path* answers once it is ready."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            on_core(SERVER_CORE, *command),
            env=os.environ | (environ or {}),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    server = Server(process.pid, f"http://127.0.0.1:{port}")
    try:
        _wait(process, server.base_url + path, log)
        yield server
    finally:
        _end(process)


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"a server ended at once: {log.read_text()}")
        try:
            if httpx.get(url, timeout=PATIENCE_SECONDS).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise RuntimeError(f"{url} does not answer: {log.read_text()}")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)  # the group is its own
        process.wait(10)
