"""Where commands are typed: standard streams that may be closed, full, or of another encoding."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from io import TextIOWrapper
from typing import NoReturn

import click
import structlog

ENDS = (signal.SIGTERM, signal.SIGHUP)


def prepare() -> None:
    """Make the standard streams ones that can be used.

    A closed one is as /dev/null; its number must not go to a file of ours, into which whatever writes to that
    number would write (https://sqlite.org/howtocorrupt.html §2.1). What an encoding lacks is escaped.
    """
    for name, mode, errors in (
        ("stdin", "r", "replace"),
        ("stdout", "w", "backslashreplace"),
        ("stderr", "w", "backslashreplace"),
    ):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - until the end
        elif isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors=errors)


def end_in_order() -> None:
    """Let SIGTERM and SIGHUP, as of a terminal that is gone, end a command as Ctrl-C does: its folders for a time are removed.

    They may hold all that the service knows. Who was told to ignore a signal, as by `nohup`, still does.
    """

    def end(number: int, _frame: object) -> NoReturn:
        sys.exit(128 + number)

    for number in ENDS:
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, end)


def end_at_once() -> None:
    """Take that back, for what has its own way to end."""
    for number in ENDS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


def give_up(why: OSError) -> NoReturn:
    """Say in one line what the machine refused, if that can be said, and exit.

    What could not be written is dropped: Python would try again at its end.
    """
    what = f"{why.filename}: " if why.filename else ""
    with suppress(OSError):
        click.echo(f"Error: {what}{why.strerror}.", err=True)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    sys.exit(1)


def tell(text: str) -> None:
    """Say *text* beside what a command prints; one that did what it was asked for is not spoiled by that."""
    with suppress(OSError):
        click.echo(text, err=True)


def announce(text: str) -> None:
    """Say *text* to who sits at a terminal, and else in the log, which is a JSON object a line.

    A service whose output cannot be written serves all the same.
    """
    with suppress(OSError):
        if sys.stderr.isatty():
            click.echo(text, err=True)
        else:
            structlog.get_logger("commentsvc").info(text)
