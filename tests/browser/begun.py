"""A service that the browser's tests share, and how it forgets what a module of them posted."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tests.browser.widget import Embedded


@dataclass(frozen=True)
class Begun:
    """A service, a stranger's site under a strict policy and one without, and its database as it was when it began."""

    strict: Embedded
    free: Embedded

    def __post_init__(self) -> None:
        _copy(self._used, self._kept)

    @property
    def _used(self) -> Path:
        return self.strict.live.data_dir / "comments.db"

    @property
    def _kept(self) -> Path:
        return self.strict.live.data_dir.parent / "begun.db"

    def again(self) -> None:
        """Have nothing posted yet."""
        _copy(self._kept, self._used)
        with closing(sqlite3.connect(self._used)) as database, database:
            # As after a restored backup: what is cached is of another past.
            database.execute("UPDATE site SET epoch = hex(randomblob(8))")


def _copy(source: Path, target: Path) -> None:
    """Give *target* the content of *source*, also while programs use either."""
    with closing(sqlite3.connect(source)) as content, closing(sqlite3.connect(target)) as database:
        content.backup(database)
