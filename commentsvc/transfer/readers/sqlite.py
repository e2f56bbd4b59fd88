"""Databases of SQLite as exports: read only, and nothing that lies in them is run."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

from commentsvc.transfer.errors import Unreadable
from commentsvc.transfer.readers.json import Item
from commentsvc.transfer.sources import Source

MAGIC = b"SQLite format 3\0"
VALUE_BYTES = 32 << 20


class Database:
    """The tables of a database."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._path = source.path()
        self._replaced = False

    def rows(self, table: str, required: Sequence[str], optional: Collection[str] = ()) -> Iterator[Item]:
        """Give the rows of *table*, by their place in it; columns of *optional* that are not there are None.

        :raises Unreadable: it is no such database, or damaged.
        """
        number = 0
        try:
            with closing(self._connected()) as database:
                columns = self._columns(database, table)
                if missing := [name for name in required if name.lower() not in columns]:
                    raise Unreadable(
                        f"The table {table} has no column {', '.join(missing)}.", file=self._source.name
                    )
                there = [name for name in (*required, *optional) if name.lower() in columns]
                names = ", ".join(f'"{name}"' for name in there)
                for row in database.execute(f'SELECT {names} FROM "{table}"'):  # noqa: S608 (names of our own)
                    number += 1
                    yield Item((table,), self._record(there, row, optional), number)
        except (
            sqlite3.Error,
            sqlite3.Warning,
            OverflowError,
            UnicodeDecodeError,
        ) as why:  # the last: its message
            if not (self._source.keep_going and number):
                raise Unreadable(
                    f"This database cannot be read: {why}", line=number or None, file=self._source.name
                ) from None
            yield Item((table,), None, number + 1, f"this database cannot be read: {why}")

    def _connected(self) -> sqlite3.Connection:
        with self._path.open("rb") as file:
            head = file.read(100)
        if not head.startswith(MAGIC):
            raise Unreadable("This is no database of SQLite.", file=self._source.name)
        mode = "mode=ro" if not _is_alone(self._path, head) else "mode=ro&immutable=1"
        database = sqlite3.connect(f"file:{quote(str(self._path.resolve()))}?{mode}", uri=True)
        database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, VALUE_BYTES)
        for pragma in ("trusted_schema = OFF", "query_only = ON", "cell_size_check = ON", "mmap_size = 0"):
            database.execute(f"PRAGMA {pragma}")
        database.text_factory = self._text
        return database

    def _columns(self, database: sqlite3.Connection, table: str) -> set[str]:
        """Which columns a plain table has, in lower case; views and what modules make up are none."""
        found = database.execute(
            "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ? COLLATE NOCASE", (table,)
        ).fetchone()
        if found is None or not re.match(r"CREATE\s+TABLE\b", str(found[0]), re.IGNORECASE):
            raise Unreadable(f"There is no table {table} in it.", file=self._source.name)
        return {str(row[1]).lower() for row in database.execute(f'PRAGMA table_info("{table}")')}

    def _record(self, names: Sequence[str], row: Sequence[Any], optional: Collection[str]) -> dict[str, Any]:
        values = (self._text(value) if isinstance(value, bytes) else value for value in row)
        return dict.fromkeys(optional) | dict(zip(names, values, strict=True))

    def _text(self, value: bytes) -> str:
        """Decode a text; what is none in it is replaced, and told once."""
        try:
            return value.decode()
        except UnicodeDecodeError:
            if not self._replaced:
                self._source.told("encoding", None, "bytes that are not UTF-8 were replaced")
            self._replaced = True
            return value.decode(errors="replace")


def _is_alone(path: Path, head: bytes) -> bool:
    """Whether it was written with a log beside it (WAL) that is not there: then SQLite would make one."""
    return head[18:20] == b"\2\2" and not path.with_name(f"{path.name}-wal").exists()
