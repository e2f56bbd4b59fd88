"""The list of what was erased, in the data directory: so that a backup of before does not bring it back.

A line of JSON for each erasure: when, where, how, and keyed digests of the address, never the address. It is no part
of a backup, as it says what became of things after it; a copy of it may lie beside one.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from commentsvc.errors import BadSetting
from commentsvc.privacy.keys import AddressKeys
from commentsvc.privacy.sealing import person_key_ids
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


def lines_of(
    erasures: Iterable[tuple[StoredErasure, str | None]], keys: AddressKeys | None
) -> list[ErasedLine]:
    """What the list says of erasures that a database knows of; their digests are taken for those of the keys that are here."""
    if keys is None:
        return []
    ids = person_key_ids(keys)
    return [line_of(one, dict.fromkeys(ids, one.person), site) for one, site in erasures]


def note(path: Path, lines: Iterable[ErasedLine]) -> None:
    """Add those of *lines* to a list that it does not have, durably; several processes may."""
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "ab+") as opened:
        fcntl.flock(opened, fcntl.LOCK_EX)
        known = {(line.id, line.at) for line in read(path)}
        opened.seek(0)
        content = opened.read()
        if content and not content.endswith(b"\n"):  # what was killed left half a line
            opened.write(b"\n")
        for line in lines:
            if (line.id, line.at) not in known:
                known.add((line.id, line.at))
                opened.write(msgspec.json.encode(line) + b"\n")
        opened.flush()
        os.fsync(opened.fileno())


def own(settings: Settings) -> Path:
    """The list of this service."""
    return settings.data_dir / FILE


def both(settings: Settings, backup: Path) -> list[Path]:
    """The lists that a restore goes by: that of this service, and the one beside a backup."""
    return [own(settings), backup.resolve().parent / FILE]


def note_beside(settings: Settings, backup: Path, others: Iterable[ErasedLine]) -> None:
    """Bring the list beside a backup up to date: it is needed for those that were made before.

    :param others: what other nodes erased.
    """
    if lines := [*read(own(settings)), *others]:
        note(both(settings, backup)[1], lines)


def read(path: Path) -> list[ErasedLine]:
    """The lines of a list; none where there is no file. What was killed while it wrote left half a line.

    :raises BadSetting: a line is no erasure: who was meant would come back.
    """
    if not path.exists():
        return []
    lines = []
    for number, one in enumerate(path.read_bytes().splitlines(), 1):
        try:
            if one:
                lines.append(msgspec.json.decode(one, type=ErasedLine))
        except msgspec.ValidationError:
            raise _damaged(path, number) from None
        except msgspec.DecodeError:
            if one.endswith(b"}"):
                raise _damaged(path, number) from None
    return lines


def _damaged(path: Path, number: int) -> BadSetting:
    return BadSetting(f"{path}, line {number} is no erasure; restore that file, or remove the line.")
