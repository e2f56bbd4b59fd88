"""A bar that shows how far an import is, where somebody sits at a terminal."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any, Self

import click


class Bar:
    """Shows counts, rate and time left on standard error; says nothing where that is no terminal."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._done = 0
        self._began = time.monotonic()
        self._is_seen = sys.stderr.isatty()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, why: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.__exit__(kind, why, trace)

    def reading(self, comments: int) -> None:
        """So many comments were read."""
        if self._is_seen:
            click.echo(f"\rReading: {comments} comments", nl=False, err=True)

    def writing(self, comments: int, total: int) -> None:
        """So many of all were written."""
        if not self._is_seen or not total:
            return
        if self._bar is None:
            self._began = time.monotonic()
            click.echo(err=True)
            self._bar = click.progressbar(
                length=total, label="Writing", file=sys.stderr, item_show_func=self._rate, show_pos=True
            )
            self._bar.__enter__()
        self._bar.update(comments - self._done, comments)
        self._done = comments

    def _rate(self, comments: int | None) -> str:
        seconds = time.monotonic() - self._began
        return f"{round((comments or 0) / seconds)}/s" if seconds > 0 else ""
