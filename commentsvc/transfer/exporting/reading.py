"""What an export reads: threads by their article IDs, and in each its comments as they were posted.

All of it is read within one unit of work, so it is of one moment, a part at a time: of a thread of any size no more
than `PART` comments are in memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, groupby
from operator import attrgetter

from commentsvc.privacy.keys import AddressKeys
from commentsvc.privacy.opening import UNREADABLE, open_address
from commentsvc.records import (
    ExportedComment,
    ExportedNote,
    ExportedObjection,
    ExportedReport,
    ExportedThread,
    StoredSite,
)
from commentsvc.storage.threads import milliseconds
from commentsvc.storage.unit_of_work import UnitOfWork

PART = 2000  # comments that are read at a time
THREADS = 500  # threads that are read at a time


@dataclass(frozen=True, slots=True)
class Selection:
    """What is to be exported: sites, and with *since* only what was posted or changed from then on.

    *whole_threads*: then all of each thread of which readers see something else since.
    """

    sites: Sequence[StoredSite]
    since: datetime | None = None
    whole_threads: bool = False

    @property
    def comments_since(self) -> datetime | None:
        """From when on a comment must have changed."""
        return None if self.whole_threads else self.since


@dataclass(slots=True)
class Tally:
    """What was exported. `unreadable` addresses were sealed with a key that is not here."""

    threads: int = 0
    comments: int = 0
    unreadable: int = 0


@dataclass(frozen=True, slots=True)
class WholeComment:
    """A comment with what hangs on it."""

    row: ExportedComment
    notes: Sequence[ExportedNote]
    reports: Sequence[ExportedReport]
    objections: Sequence[ExportedObjection]


@dataclass(frozen=True, slots=True)
class WholeThread:
    """A thread with its other article IDs, and its comments, which can be read once, before the next thread is."""

    site: StoredSite
    row: ExportedThread
    aliases: Sequence[str]
    comments: Iterator[WholeComment]


@dataclass(slots=True)
class Reader:
    """Reads what is to be exported, in the state of the database that *work* sees."""

    work: UnitOfWork
    keys: AddressKeys
    selection: Selection
    tally: Tally = field(default_factory=Tally)
    _marked: Sequence[str] = ()

    def __post_init__(self) -> None:
        """Look up once what the audit log alone can tell."""
        if self.selection.comments_since is not None:
            self._marked = self.work.exporting.marked_since(self.selection.comments_since)

    def threads(self, site: StoredSite) -> Iterator[WholeThread]:
        """All threads of that site; with `since` those that changed, or have a comment that did."""
        after = ""
        while some := self.work.exporting.threads(site.id, after, THREADS):
            after = some[-1].article
            if self.selection.whole_threads:
                some = [thread for thread in some if self._changed(thread)]
            aliases = self.work.exporting.aliases([thread.id for thread in some])
            for thread, comments in self._with_comments(some):
                self.tally.threads += 1
                yield WholeThread(site, thread, aliases.get(thread.id, ()), self._counted(comments))

    def articles(self, site: StoredSite) -> set[str]:
        """The article IDs of that site that name a thread, older ones too."""
        return self.work.exporting.articles(site.id)

    def address(self, sealed: bytes | None, bound_to: str) -> str | None:
        """The address that was sealed for *bound_to*; None where there is none, or its key is not here."""
        if sealed is None:
            return None
        address = open_address(sealed, bound_to, self.keys)
        if address == UNREADABLE:
            self.tally.unreadable += 1
            return None
        return address

    def _with_comments(
        self, threads: Sequence[ExportedThread]
    ) -> Iterator[tuple[ExportedThread, Iterator[WholeComment]]]:
        for part in _parts(threads):
            if len(part) == 1:
                comments = self._comments_of(part[0])
                first = next(comments, None)
                if first is not None:
                    yield part[0], chain([first], comments)
                elif self._changed(part[0]):
                    yield part[0], iter(())
                continue
            found = self._read([thread.id for thread in part], 0)
            by_thread = {
                thread: list(ones) for thread, ones in groupby(found, key=attrgetter("row.thread_id"))
            }
            for thread in part:
                if thread.id in by_thread or self._changed(thread):
                    yield thread, iter(by_thread.get(thread.id, ()))

    def _changed(self, thread: ExportedThread) -> bool:
        since = self.selection.since
        return since is None or thread.version >= milliseconds(since)

    def _comments_of(self, thread: ExportedThread) -> Iterator[WholeComment]:
        after = 0
        while some := self._read([thread.id], after):
            yield from some
            if len(some) < PART:
                return
            after = some[-1].row.seq

    def _read(self, threads: Sequence[int], after: int) -> list[WholeComment]:
        exporting = self.work.exporting
        rows = exporting.comments(threads, after, PART, self.selection.comments_since, self._marked)
        numbers = [row.id for row in rows]
        notes = exporting.notes(numbers)
        reports = exporting.reports(numbers)
        objections = exporting.objections(numbers)
        return [
            WholeComment(row, notes.get(row.id, ()), reports.get(row.id, ()), objections.get(row.id, ()))
            for row in rows
        ]

    def _counted(self, comments: Iterator[WholeComment]) -> Iterator[WholeComment]:
        for comment in comments:
            self.tally.comments += 1
            yield comment


def _parts(threads: Sequence[ExportedThread]) -> Iterator[list[ExportedThread]]:
    """Threads that have no more than `PART` comments together; one that has more stands alone."""
    part: list[ExportedThread] = []
    size = 0
    for thread in threads:
        if part and size + thread.last_seq > PART:
            yield part
            part, size = [], 0
        part.append(thread)
        size += thread.last_seq
    if part:
        yield part
