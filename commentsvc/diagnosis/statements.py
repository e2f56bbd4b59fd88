"""What a service asks its database: each statement, without its values, in the order in which they come."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Engine, event

VALUE = re.compile(r"[xX]?'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b|\bNULL\b")  # SQLite shows values in the text
OURS = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b")
OF_INDEX = (
    "'search_index_"  # SQLite's own, within its index of words: they depend on how many words came before
)


class Statements:
    """Listens to SQLite's driver; prepared statements are run by it alone.

    The database is one to try things with: its commits do not wait for the disk.
    """

    def __init__(self, engine: Engine) -> None:
        self._heard: list[str] = []
        event.listen(engine, "connect", self._listen)
        engine.dispose()  # so that all connections are made again, and heard

    def taken(self) -> list[str]:
        """Those that came since this was asked last."""
        heard, self._heard = self._heard, []
        return heard

    def _listen(self, connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA synchronous = OFF")
        connection.set_trace_callback(self._hear)

    def _hear(self, text: str) -> None:
        if OURS.match(text) and OF_INDEX not in text:
            self._heard.append(VALUE.sub("?", text))
