"""Take an import back: what nobody touched since goes, as if it had never come."""

from __future__ import annotations

from dataclasses import dataclass

from commentsvc.audit.trail import OPERATOR, Kind, record
from commentsvc.errors import Invalid, NotFound
from commentsvc.records import ImportedRow, ImportedThread, StoredImport, StoredThread
from commentsvc.service import Service
from commentsvc.storage.retries import retried
from commentsvc.storage.unit_of_work import UnitOfWork
from commentsvc.threads import places
from commentsvc.threads.lifecycle import erase, show_change, take_back
from commentsvc.transfer.formats.commentsvc import Commentsvc

BATCH = 100  # comments a transaction: who posts waits for no longer than that
THREADS = 500
LAST = 1 << 62


@dataclass(slots=True)
class Undone:
    """What became of what an import brought: `touched` stay as they are, `answered` are places without a text now."""

    removed: int = 0
    answered: int = 0
    touched: int = 0
    threads_removed: int = 0
    threads_kept: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left of it."""
        return not (self.answered or self.touched or self.threads_kept)


def undo(service: Service, number: int) -> Undone:
    """Take the import of that number back; begun again, it goes on where it was ended.

    :raises NotFound: there is none, or it was taken back.
    :raises Invalid: a later one brought answers to what it brought, which would be left beside empty places.
    """
    with service.reading() as work:
        stored = work.imports.one(number)
        later = work.imports.that_answers(number)
    if stored is None:
        raise NotFound(f"There is no import {number}; “commentsvc imports list” shows all.")
    if stored.undone_at is not None:
        raise NotFound(f"The import {number} was taken back at {stored.undone_at:%Y-%m-%d %H:%M} UTC.")
    if later is not None:
        answers = f"The import {later} brought answers to comments of the import {number}."
        raise Invalid({"import": [f"{answers} Take it back first: commentsvc imports undo {later}"]})
    undone = Undone()
    after = 0
    while threads := _threads(service, number, after):
        for thread_id in threads:
            _undo_thread(service, stored, thread_id, undone)
        after = threads[-1]
    _undo_descriptions(service, stored, undone)
    _finish(service, stored, undone)
    service.database.forget_erased()
    return undone


def _threads(service: Service, number: int, after: int) -> list[int]:
    with service.reading() as work:
        return work.imports.threads_of(number, after, THREADS)


def _undo_thread(service: Service, stored: StoredImport, thread_id: int, undone: Undone) -> None:
    below = LAST
    while below:
        below = _undo_some(service, stored, thread_id, below, undone)


@retried
def _undo_some(service: Service, stored: StoredImport, thread_id: int, below: int, undone: Undone) -> int:
    """Take some comments of a thread back, the last first: answers go before what they answer.

    :return: the number of the last one that was looked at; 0 where there is none left.
    """
    here = Undone()
    with service.unit_of_work() as work:
        work.threads.lock(thread_id)
        rows = work.imports.brought(stored.id, thread_id, below, BATCH)
        answers = work.imports.answers(row.id for row in rows)
        thread = work.threads.by_id(thread_id)
        marked = set() if _is_own(stored) else {*map(places.encode, thread.pins), *thread.locks}
        gone: list[int] = []
        for row in rows:
            if row.path in marked:
                here.touched += 1
            elif _undo_one(service, work, row, answers.get(row.id, 0), here):
                gone.append(row.id)
                if row.parent_id in answers:
                    answers[row.parent_id] -= 1
        work.imports.delete(gone)
    undone.removed += here.removed
    undone.answered += here.answered
    undone.touched += here.touched
    return rows[-1].seq if rows else 0


def _undo_one(service: Service, work: UnitOfWork, row: ImportedRow, answers: int, undone: Undone) -> bool:
    """Take one comment back; give whether its row goes."""
    if not row.untouched and not row.is_erased:
        undone.touched += 1
        return False
    if answers:
        if not row.is_erased:
            erase(work, work.comments.by_id(row.id), service.now(), told=False)
        undone.answered += 1
        return False
    take_back(work, work.comments.by_id(row.id), service.now())
    undone.removed += 1
    return True


def _undo_descriptions(service: Service, stored: StoredImport, undone: Undone) -> None:
    with service.reading() as work:
        described = work.imports.described(stored.id)
    for thread in described:
        _undo_description(service, stored, thread, undone)


@retried
def _undo_description(
    service: Service, stored: StoredImport, described: ImportedThread, undone: Undone
) -> None:
    with service.unit_of_work() as work:
        work.threads.lock_row(described.thread_id)
        work.imports.forget_thread(stored.id, described.thread_id)
        is_kept = work.imports.has_comments(described.thread_id) or (
            described.created
            and not _is_own(stored)
            and _is_touched(work.threads.by_id(described.thread_id), described)
        )
        if described.created and not is_kept:
            work.imports.delete_aliases(described.thread_id, described.changes.get("aliases", [[], []])[1])
        removed = described.created and not is_kept and work.imports.delete_thread(described.thread_id)
        if not removed:
            thread = work.threads.by_id(described.thread_id)
            before = {
                name: old
                for name, (old, new) in described.changes.items()
                if name != "aliases" and getattr(thread, name) == new and not (described.created and is_kept)
            }
            if before:
                work.threads.describe(described.thread_id, **before)
                show_change(work, described.thread_id, service.now())
    undone.threads_removed += removed
    undone.threads_kept += described.created and not removed


def _is_own(stored: StoredImport) -> bool:
    """Whether the export was ours: it alone brings pins, locks and settings of threads."""
    return stored.format == Commentsvc.name


def _is_touched(thread: StoredThread, described: ImportedThread) -> bool:
    """Whether somebody set something on a thread since the import that made it."""
    now = (thread.title, thread.url, thread.open, thread.close_after_days, thread.slow_mode_seconds)
    made: dict[str, object] = {name: new for name, (_, new) in described.changes.items()}
    return now != (made.get("title"), made.get("url"), made.get("open", True), None, None)


def _finish(service: Service, stored: StoredImport, undone: Undone) -> None:
    with service.unit_of_work() as work:
        work.imports.mark_undone(stored.id, service.now().replace(microsecond=0))
        facts = {"import": stored.id, "site": stored.site, "file": stored.file, "format": stored.format}
        record(work, service, OPERATOR, Kind.IMPORT_UNDONE, **facts, comments=undone.removed)
