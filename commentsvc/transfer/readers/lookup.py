"""What a format has to remember of a file while it reads it: in memory while that is little, else on disk."""

from __future__ import annotations

import json
import sqlite3
from typing import Any


class Lookup:
    """Values by name, in a temporary database that is gone when nobody holds it."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("CREATE TABLE known (name BLOB PRIMARY KEY, value) WITHOUT ROWID")
        self._database.execute("BEGIN")
        self._last: str | None = None

    def put(self, name: str, value: Any) -> None:
        """Remember *value*, anything of JSON, under *name*, in place of what was there."""
        self._database.execute("REPLACE INTO known VALUES (?, ?)", (_bytes(name), json.dumps(value)))

    def number(self, name: str) -> int:
        """Count *name*: 1 the first time."""
        row = self._database.execute(
            "INSERT INTO known VALUES (?, 1) ON CONFLICT DO UPDATE SET value = value + 1 RETURNING value",
            (_bytes(name),),
        ).fetchone()
        return int(row[0])

    def is_new(self, name: str) -> bool:
        """Whether *name* is there for the first time."""
        if name == self._last:  # comments of a thread mostly stand together
            return False
        self._last = name
        return self.number(name) == 1

    def get(self, name: str) -> Any:
        """Give what is known under *name*, else None."""
        row = self._database.execute("SELECT value FROM known WHERE name = ?", (_bytes(name),)).fetchone()
        return None if row is None else json.loads(row[0])


def _bytes(name: str) -> bytes:
    """*name* with whatever it has that is no character."""
    return name.encode("utf-8", "surrogatepass")
