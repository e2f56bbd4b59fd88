"""What a format has to remember of a file while it reads it: in memory while that is little, else on disk."""

from __future__ import annotations

import sqlite3
from typing import Any

import msgspec


class Lookup:
    """Values by name, in a temporary database that is gone when nobody holds it."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("CREATE TABLE known (name TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID")
        self._database.execute("BEGIN")

    def add(self, name: str, value: Any = None) -> bool:
        """Remember *value*, anything of JSON, under *name*; False where that is known already."""
        insert = "INSERT OR IGNORE INTO known VALUES (?, ?)"
        return self._database.execute(insert, (name, msgspec.json.encode(value))).rowcount == 1

    def get(self, name: str) -> Any:
        """Give what is known under *name*, else None."""
        row = self._database.execute("SELECT value FROM known WHERE name = ?", (name,)).fetchone()
        return None if row is None else msgspec.json.decode(row[0])
