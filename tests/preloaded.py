"""Processes of the program, begun as forks of one that has loaded it already.

To load the program takes a second of processor time, and a process that serves a test half a second for all else. What is
about a start itself (signals while it loads, memory, another directory) begins a process from nothing, as `make soak` does
everywhere.
"""

from __future__ import annotations

import gc
import json
import os
import runpy
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO, Any

from commentsvc.cli.heap import HEAPS

ORDER_BYTES = 200_000
HIGHEST_FILE = 4096
ROOT = Path(__file__).parents[1]


class Forked:
    """One such process, with what tests use of `subprocess.Popen`."""

    def __init__(self, words: Sequence[str], environ: dict[str, str], output: IO[bytes]) -> None:
        """Run `python -m commentsvc` with those *words*, in a session of its own."""
        self.args = [sys.executable, "-m", "commentsvc", *words]
        self.returncode: int | None = None
        self._told, tell = socket.socketpair()
        order = {"words": list(words), "environ": environ, "folder": os.getcwd()}
        with tell, open(os.devnull, "rb") as nothing:
            files = [nothing.fileno(), output.fileno(), output.fileno(), tell.fileno()]
            socket.send_fds(_preloaded(), [json.dumps(order).encode()], files)
        self.pid = self._number()

    def _number(self) -> int:
        told = self._told.recv(4)
        if not told:
            raise RuntimeError("what forks the program has ended")
        return int.from_bytes(told, "big", signed=True)

    def poll(self) -> int | None:
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            with selectors.DefaultSelector() as waiting:
                waiting.register(self._told, selectors.EVENT_READ)
                if not waiting.select(timeout):
                    raise subprocess.TimeoutExpired(self.args, timeout or 0)
            self.returncode = self._number()
            self._told.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


@cache
def _preloaded() -> socket.socket:
    """Where to send orders; what forks ends with this process."""
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with its:
        subprocess.Popen(
            [sys.executable, "-m", "tests.preloaded"], cwd=ROOT, stdin=its, start_new_session=True
        )
    return ours


def _fork_by_order() -> tuple[dict[str, Any], list[int]]:
    """Begin a process for each order; gives the order and its files, within that process."""
    orders = socket.socket(fileno=os.dup(0))
    # By the file that says when it has ended: the number of each process, and where to tell how.
    running: dict[int, tuple[int, int]] = {}
    with orders, selectors.DefaultSelector() as waiting:
        waiting.register(orders, selectors.EVENT_READ)
        while True:
            for key, _ in waiting.select():
                if key.fd in running:
                    waiting.unregister(key.fd)
                    _tell_end(key.fd, *running.pop(key.fd))
                    continue
                message, files, _, _ = socket.recv_fds(orders, ORDER_BYTES, 4)
                if not message:  # the tests have ended, or were killed
                    for child, _ in running.values():
                        os.kill(child, signal.SIGTERM)
                    sys.exit()
                if not (child := os.fork()):
                    return json.loads(message), files
                for file in files[:3]:
                    os.close(file)
                _tell(files[3], child)
                ended = os.pidfd_open(child)
                running[ended] = (child, files[3])
                waiting.register(ended, selectors.EVENT_READ)


def _tell_end(ended: int, child: int, tell: int) -> None:
    _tell(tell, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    os.close(tell)
    os.close(ended)


def _tell(to: int, number: int) -> None:
    with suppress(BrokenPipeError):  # the test has ended, or its process
        os.write(to, number.to_bytes(4, "big", signed=True))


def _become(words: list[str], environ: dict[str, str], folder: str, files: list[int]) -> None:
    """Be as if begun with that: by a test's process, in a session of its own."""
    os.setsid()
    for number, file in enumerate(files[:3]):
        os.dup2(file, number)
    os.closerange(3, HIGHEST_FILE)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update({HEAPS: "1"} | environ)  # what was forked cannot begin again
    time.tzset()
    sys.argv = ["commentsvc", *words]
    runpy.run_module("commentsvc", run_name="__main__", alter_sys=True)


def _load() -> None:
    from commentsvc import app  # noqa: F401 -- loaded for all of them
    from commentsvc.cli import commands, serve, terminal  # noqa: F401
    from commentsvc.storage import schema  # noqa: F401

    gc.collect()
    gc.freeze()
    assert threading.active_count() == 1, "a fork has but one"


if __name__ == "__main__":
    _load()
    _order, _files = _fork_by_order()
    _become(files=_files, **_order)
