"""The processes that a command starts: each ends with it, however it ends."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import Pipe, get_context, parent_process
from threading import Thread
from types import FrameType

import click

from commentsvc.log import log_fault

STOPS = (signal.SIGTERM, signal.SIGQUIT)


def apart(work: Callable[[], None]) -> None:
    """Do *work* in a process of its own, and fail as it does; told to stop, end it and exit.

    What serves afterwards holds nothing of what it imported, and has no connection to the database
    open when it forks, which SQLite forbids (https://sqlite.org/howtocorrupt.html §2.6).
    """
    told, tell = Pipe(duplex=False)

    def alone() -> None:
        for stop in (signal.SIGINT, *STOPS):
            signal.signal(stop, signal.SIG_DFL)  # what it makes appears whole or not at all
        end_with_parent(0)
        try:
            work()
        except click.ClickException as refused:
            tell.send(refused.message)
        except Exception as why:
            log_fault(why, None)
            sys.exit(1)

    process = get_context("fork").Process(target=alone)
    with _exiting_when_stopped():
        process.start()
        try:
            process.join()
        finally:
            process.kill()
            process.join()
    if told.poll():
        raise click.ClickException(told.recv())
    if process.exitcode:
        sys.exit(1)  # the log says why


@contextmanager
def _exiting_when_stopped() -> Iterator[None]:
    """Let a signal that stops the program unwind it, so that it ends what it started."""

    def leave(_number: int, _frame: FrameType | None) -> None:
        sys.exit(0)

    before = {number: signal.signal(number, leave) for number in STOPS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def end_with_parent(seconds: float) -> None:
    """From now on stop this process when the one that started it is gone, killed at once, too.

    :param seconds: for what is under way, until this process ends in any case.
    """
    Thread(target=_outlive, args=(seconds,), name="parent", daemon=True).start()


def _outlive(seconds: float) -> None:
    parent = parent_process()
    if parent is None:
        raise RuntimeError("only a process that multiprocessing started has a parent to wait for")
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(seconds)
    os._exit(1)
