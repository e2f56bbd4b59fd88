"""Files and folders for a time, beside what they will replace. They may hold all there is, addresses too.

Who makes one removes it; what a process that was killed left is removed a day later, by the next that makes one there.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

LEFT_SECONDS = 24 * 3600  # what is of use is younger
_PREFIX = ".commentsvc-"
_NAME = re.compile(r"\.commentsvc-[a-z]+-[a-z0-9_]{8}")  # of nobody else's: what it names is removed


@contextmanager
def folder(what: str, parent: Path) -> Iterator[Path]:
    """Give a folder in *parent*, for *what* is done (a word of small letters)."""
    remove_left(parent)
    with tempfile.TemporaryDirectory(prefix=f"{_PREFIX}{what}-", dir=parent) as made:
        yield Path(made)


@contextmanager
def file(what: str, parent: Path) -> Iterator[IO[bytes]]:
    """Give a file in *parent* that nobody else can read, which may be moved away, for *what* is done."""
    remove_left(parent)
    with tempfile.NamedTemporaryFile(prefix=f"{_PREFIX}{what}-", dir=parent, delete=False) as made:
        try:
            yield made
        finally:
            Path(made.name).unlink(missing_ok=True)


def is_ours(path: Path) -> bool:
    """Whether *path* is the name of one of these."""
    return _NAME.fullmatch(path.name) is not None


def remove_left(parent: Path, what: str = "", seconds: float = LEFT_SECONDS) -> None:
    """Remove what processes that were killed so many *seconds* ago or before left in *parent*, of *what* alone if told."""
    for path in filter(is_ours, parent.iterdir()):
        try:
            if not path.name.startswith(_PREFIX + what) or time.time() - path.lstat().st_mtime < seconds:
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                os.unlink(path)
        except FileNotFoundError:
            continue  # another process removed it
