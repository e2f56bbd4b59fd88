"""Find out whether all is well: quickly what an operator can mend, deeply what must be true of every thread."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.exc import SQLAlchemyError

from commentsvc.actions import keys
from commentsvc.actions.outbox import LATE
from commentsvc.model import Job
from commentsvc.moderation import addresses
from commentsvc.records import CommentState, OutboxState
from commentsvc.service import Service
from commentsvc.settings import Settings
from commentsvc.storage.backup import copy_out, folder_for_copy, words_fault_of
from commentsvc.storage.database import Database
from commentsvc.storage.illness import reason_of
from commentsvc.storage.sqlite_files import logs_of
from commentsvc.storage.unit_of_work import UnitOfWork
from commentsvc.threads.proof import AnswersBeside, Fault, faults_of

PRIVATE = ("*.key", "*.keys", "*.db", "*.db-wal", "*.db-shm")
FOR_OTHERS = 0o077  # what the mode of a private file must not have
WRITABLE = 0o022  # nor that of the data directory, in which others could exchange one


@dataclass(frozen=True, slots=True)
class Proof:
    """One thread that was looked through; `faults` says what is wrong in it, and in how many rows."""

    site: str
    article: str
    comments: int
    faults: dict[Fault, int]


def exposed(settings: Settings) -> list[Path]:
    """What of the data directory other users of this machine may read or exchange."""
    folder = settings.data_dir
    files = {file for pattern in PRIVATE for file in folder.glob(pattern)}
    if database_file := settings.database_file():  # which may lie elsewhere, under any name
        files |= {file for file in (database_file, *logs_of(database_file)) if file.exists()}
    return [file for file in sorted(files) if _mode(file) & FOR_OTHERS] + [folder] * bool(
        _mode(folder) & WRITABLE
    )


def _mode(path: Path) -> int:
    return path.stat().st_mode


def database_fault(database: Database) -> str | None:
    """What is wrong with the database, None if it is there and of this program's version."""
    try:
        if not database.is_there():
            return f"it is not there, at {database.file()}; “commentsvc serve” makes one, or restore a backup"
        if (fault := database.encoding_fault()) is not None:
            return fault
        if not database.is_current():
            return "it is of another version; run: commentsvc db upgrade"
        return database.write_fault()
    except SQLAlchemyError as why:
        return reason_of(why) or f"it cannot be used ({type(why).__name__})"


def keys_fault(service: Service) -> str | None:
    """What is wrong with the keys, None if they are those with which the database is used."""
    with service.reading() as work:
        if not addresses.can_be_read(work, service.address_keys):
            return "they are not those that sealed the addresses"
        return keys.fault_of(service, work)


def outbox_fault(service: Service, state: OutboxState) -> str | None:
    """What is wrong with what waits to be sent, None if nothing is."""
    told = []
    if state.oldest_seconds > LATE.total_seconds():
        minutes = state.oldest_seconds // 60
        works = (
            "no “commentsvc worker” runs"
            if service.settings.jobs == "worker"
            else "“commentsvc serve” must run"
        )
        told.append(
            f"{state.waiting} messages wait, the oldest is late by {minutes} minutes ({works}, or the receivers fail)"
        )
    if state.dead:
        told.append(f"{state.dead} messages died since yesterday; “Outbox” at the desk says why")
    if state.set_aside:
        told.append(f"no message can be made of {state.set_aside} events; the log says why (“event failed”)")
    return "; ".join(told) or None


def jobs_fault(given_up: Iterable[Job]) -> str | None:
    """What failed and was not done since, None if there is nothing."""
    failed = sorted(f"{job.kind} ({job.error})" for job in given_up)
    return f"failed last: {', '.join(failed)}; the log says where (“job failed”)" if failed else None


def search_fault(service: Service) -> str | None:
    """What makes searches slow, None if nothing does."""
    with service.reading() as work:
        return work.search.fault()


def search_index_fault(service: Service) -> str | None:
    """What is wrong with SQLite's index of words, None if it gives what the comments say.

    It is proved in a copy: SQLite takes the writers' lock for that, and millions of comments take minutes.
    """
    if service.database.file() is None:
        return None
    with TemporaryDirectory(dir=folder_for_copy(service.settings)) as folder:
        copy = Path(folder, "copy.db")
        copy_out(service.settings, copy)
        return words_fault_of(copy)


def unreadable_addresses(service: Service, work: UnitOfWork) -> tuple[int, int]:
    """Open every address; give how many there are, and how many do not open or are not found by the keys here."""
    return addresses.count_unreadable(work, service.address_keys)


def prove(work: UnitOfWork) -> Iterator[Proof]:
    """Look through all threads, as they are at one moment, and give what was found in each."""
    beside = AnswersBeside(work.inspection.beside())
    by_thread = groupby(work.inspection.comments(), attrgetter("thread_id"))
    following = next(by_thread, None)
    for thread in work.inspection.threads():
        if following is None or following[0] != thread.id:
            yield Proof(thread.site, thread.article, 0, dict(faults_of(thread, (), beside)))
            continue
        own = _Counted(following[1])
        faults = dict(faults_of(thread, own, beside))
        yield Proof(thread.site, thread.article, own.count, faults)
        following = next(by_thread, None)


class _Counted:
    """Comments as they come, counted."""

    def __init__(self, comments: Iterator[CommentState]) -> None:
        self._comments = comments
        self.count = 0

    def __iter__(self) -> Iterator[CommentState]:
        for comment in self._comments:
            self.count += 1
            yield comment
