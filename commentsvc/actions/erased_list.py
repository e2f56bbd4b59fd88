"""The list of what was erased, in the data directory: so that a backup of before does not bring it back.

A line of JSON for each erasure: when, where, how, and keyed digests of the address, never the address. It is no part
of a backup, as it says what became of things after it; a copy of it may lie beside one.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from commentsvc.errors import BadSetting
from commentsvc.records import StoredErasure
from commentsvc.settings import Settings

FILE = "erased.jsonl"


class ErasedLine(Struct, frozen=True):
    """An erasure: of comments until `at`, on the site of that slug or on all. `person` is as in a certificate."""

    id: str
    at: datetime
    site: str | None
    keep_text: bool
    person: dict[str, str]


def line_of(erasure: StoredErasure, person: dict[str, str], site: str | None) -> ErasedLine:
    """What the list says of an erasure."""
    return ErasedLine(erasure.public_id, erasure.begun_at, site, erasure.keep_text, person)


def note(settings: Settings, line: ErasedLine) -> None:
    """Add a line to the list, durably; several processes may."""
    path = settings.data_dir / FILE
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "ab+") as opened:
        fcntl.flock(opened, fcntl.LOCK_EX)
        opened.seek(0)
        content = opened.read()
        begins_line = (
            b"" if content.endswith(b"\n") or not content else b"\n"
        )  # what was killed left half a line
        opened.write(begins_line + msgspec.json.encode(line) + b"\n")
        opened.flush()
        os.fsync(opened.fileno())


def read(path: Path) -> list[ErasedLine]:
    """The lines of a list; none where there is no file. The last line may be half written.

    :raises BadSetting: a line is no erasure: who was meant would come back.
    """
    if not path.exists():
        return []
    lines = []
    raw = path.read_bytes().splitlines()
    for number, one in enumerate(raw, 1):
        if not one.strip():
            continue
        try:
            lines.append(msgspec.json.decode(one, type=ErasedLine))
        except msgspec.MsgspecError:
            if number == len(raw):
                continue
            raise BadSetting(
                f"{path}, line {number} is no erasure; restore that file, or remove the line."
            ) from None
    return lines


def newest_by_id(lines: Iterable[ErasedLine]) -> Sequence[ErasedLine]:
    """One line for each erasure, the latest: it goes up to the time when it was last asked for."""
    return list({(line.id, line.site): line for line in sorted(lines, key=lambda line: line.at)}.values())
