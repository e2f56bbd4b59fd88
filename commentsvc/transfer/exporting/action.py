"""Export a site, into a file or to standard output, and note it in the audit log.

The database is read as fast as it can be, into a file of its own, and only then is that handed on: however slowly
somebody takes the export, no reader holds SQLite's log for as long. Until all is read, nothing appears.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from commentsvc import scratch
from commentsvc.audit.trail import OPERATOR, Kind, record
from commentsvc.errors import BadSetting, UnknownSite
from commentsvc.records import StoredSite
from commentsvc.service import Service
from commentsvc.storage.unit_of_work import UnitOfWork
from commentsvc.transfer.exporting import folder, jsonl, table, wxr
from commentsvc.transfer.exporting.reading import Reader, Selection, Tally

ALL_SITES = "*"
HTML = "html"
PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class StreamFormat:
    """An export that is one file: how it begins, and what writes it."""

    beginning: bytes
    written: Callable[[Reader], Iterator[bytes]]


FORMATS = {
    "jsonl": StreamFormat(jsonl.BEGINNING, jsonl.written),
    "wxr": StreamFormat(wxr.BEGINNING, wxr.written),
    "csv": StreamFormat(table.BEGINNING, table.written),
}


def export(
    service: Service, name: str, site: str, since: datetime | None, file: Path | None, output: IO[bytes]
) -> Tally:
    """Export that *site* in the format *name* into *file*, which only its owner may read, or else to *output*.

    :raises UnknownSite: there is none of that name.
    :raises BadSetting: *file* is something else than such an export.
    """
    chosen = FORMATS[name]
    target = None if file is None else file.resolve()
    replaced = target if target is not None and _is_ordinary(target) else None
    if replaced is not None:
        require_replaceable(replaced, chosen.beginning)
    with _spool(replaced) as spool:
        with service.reading() as work:
            reader = Reader(work, service.address_keys, Selection(_sites(work, site), since))
            spool.writelines(chosen.written(reader))
        spool.flush()
        note(service, name, site, since, reader.tally)
        if replaced is not None:
            os.fsync(spool.fileno())
            os.replace(spool.name, replaced)
        elif target is not None:
            with target.open("wb") as pipe:
                _hand_on(spool, pipe)
        else:
            _hand_on(spool, output)
    return reader.tally


def export_html(service: Service, site: str, since: datetime | None, target: Path | None) -> Tally:
    """Export the public comments of that *site* into the folder *target*, a file for each article; of several, a folder each.

    :raises UnknownSite: there is none of that name.
    :raises BadSetting: *target* is not named, or has something else in it.
    """
    if target is None:
        raise BadSetting("Name a folder: html is a file for each article.")
    folder.require_ours(target)
    with service.reading() as work:
        sites = _sites(work, site)
        reader = Reader(work, service.address_keys, Selection(sites, since, whole_threads=True))
        for one in sites:
            folder.write(reader, one, target / one.slug if site == ALL_SITES else target)
    note(service, HTML, site, since, reader.tally)
    return reader.tally


def note(service: Service, name: str, site: str, since: datetime | None, tally: Tally) -> None:
    """Write into the audit log who took what."""
    with service.unit_of_work() as work:
        since_then = {} if since is None else {"since": since.isoformat()}
        what = {"format": name, "site": site, "comments": tally.comments, **since_then}
        record(work, service, OPERATOR, Kind.EXPORTED, **what)


def require_replaceable(file: Path, beginning: bytes, what: str = "export") -> None:
    """Refuse to write over what is not of the kind that is written, which *what* calls by its name.

    :raises BadSetting: *file* is there, and does not begin as one.
    """
    if not file.is_file() or file.stat().st_size == 0:
        return
    with file.open("rb") as opened:
        if opened.read(len(beginning)) != beginning:
            raise BadSetting(f"{file} exists and is no such {what}; name another file.")


def _sites(work: UnitOfWork, name: str) -> Sequence[StoredSite]:
    if name == ALL_SITES:
        return sorted(work.sites.all_sites(), key=lambda site: site.slug)  # alike on both databases
    site = work.sites.by_slug(name)
    if site is None:
        raise UnknownSite(f"Unknown site “{name}”.")
    return [site]


def _is_ordinary(file: Path) -> bool:
    """Whether a file can take the place of *file*; none can that of a pipe or a terminal."""
    return file.is_file() or not file.exists()


@contextmanager
def _spool(replaced: Path | None) -> Iterator[IO[bytes]]:
    """Give a file that nobody else can read: beside *replaced*, whose place it can take, or one without a name."""
    if replaced is None:
        with tempfile.TemporaryFile() as spool:
            yield spool
        return
    with scratch.file("export", replaced.parent) as spool:
        yield spool


def _hand_on(spool: IO[bytes], output: IO[bytes]) -> None:
    spool.seek(0)
    shutil.copyfileobj(spool, output, PIECE)
    output.flush()
