"""Bring in an export: read it all, decide what comes, then write it, some comments in each transaction.

Nothing is written before the whole export was read. Each transaction leaves all as it would be at the end of a smaller
import, and remembers which foreign comments came; so whoever imports the same again, after an end or a power cut, adds
what is missing and nothing else.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from commentsvc.actions import bulk_insert, closing
from commentsvc.actions.bulk_insert import Loadable, Placement
from commentsvc.audit.trail import OPERATOR, Kind, record
from commentsvc.errors import BadSetting, Problem
from commentsvc.intake.fields import read_title, read_web_address
from commentsvc.model import Site
from commentsvc.records import ImportedThread
from commentsvc.screening.plugins import where
from commentsvc.service import Service
from commentsvc.storage.loading import OpenThread
from commentsvc.storage.repository import ROWS_A_STATEMENT
from commentsvc.storage.retries import retried
from commentsvc.storage.unit_of_work import UnitOfWork
from commentsvc.threads import merging, places
from commentsvc.threads.lifecycle import show_change
from commentsvc.threads.merging import Arriving
from commentsvc.transfer import deciding, ordering, restoring
from commentsvc.transfer.arrivals import Arrivals, moment
from commentsvc.transfer.digests import digest_of
from commentsvc.transfer.errors import Unreadable
from commentsvc.transfer.format import Format
from commentsvc.transfer.formats.commentsvc import Commentsvc
from commentsvc.transfer.mapping import ArticleMap
from commentsvc.transfer.report import PREVIEWS, Report
from commentsvc.transfer.sources import Source
from commentsvc.transfer.staging import Kept, Staging, Target

MOST_LEVELS = 21  # what MAX_DEPTH may be at most, and one more
HELD_SECONDS = 0.03  # a transaction: who posts on SQLite waits for one at most
GAP_SECONDS = 0.006  # between two at least, so that who waits can have the lock, see `storage.sqlite`
FEWEST, FIRST, MOST = 100, 100, 1000  # comments a transaction
LOOKED_UP = 5000
BEFORE_ALL = (-(2**62), 0, 0)


class Progress(Protocol):
    """Somebody who is told how far it is."""

    def reading(self, comments: int) -> None:
        """So many comments were read."""

    def writing(self, comments: int, total: int) -> None:
        """So many of all were written."""


@dataclass(slots=True)
class _Filling:
    """An article that is being filled: `numbers` are those reserved for its comments, `done` how many have theirs."""

    target: Target
    total: int
    numbers: Sequence[int] | None = None
    thread_id: int | None = None
    done: int = 0


@dataclass(frozen=True, slots=True)
class _Ready:
    """A comment that is ready to be stored."""

    kept: Kept
    digest: bytes
    loadable: Loadable


Part = tuple[_Filling, list[_Ready]]


@dataclass(frozen=True, slots=True)
class _Placed:
    """A part whose comments have their rows, numbers and places: `numbers` are those of all of its article."""

    filling: _Filling
    part: Sequence[_Ready]
    thread: OpenThread
    numbers: Sequence[int]
    rows: list[int]
    own: Sequence[int]
    stands: list[Placement]


@dataclass(frozen=True, slots=True)
class _Stored:
    """What a transaction did with a part, to be remembered once it is committed."""

    filling: _Filling
    thread_id: int
    numbers: Sequence[int]
    rows: list[tuple[int, int]]
    created: bool


def run(
    service: Service,
    site: Site,
    source: Source,
    form: Format,
    report: Report,
    folder: Path,
    articles: ArticleMap,
    progress: Progress,
    *,
    pings: bool,
) -> None:
    """Import *source* into *site*, or only say what that would do; *report* has what came of it.

    :param folder: where a file of all that the export holds may lie for that time.
    :raises Unreadable: the export cannot be read to its end; nothing was written.
    """
    staging = Staging(folder)
    if isinstance(form, Commentsvc):
        form.wanted = site.slug
    try:
        _read_all(staging, source, form, progress)
        own = form if isinstance(form, Commentsvc) else None
        if own is not None and own.site is not None:
            taken = restoring.settings_to_take(service, site, own.site)
            report.settings = sorted(taken)
            if taken and not report.dry_run:
                site = restoring.settled(service, site, taken)
        _decide(service, staging, form, report, articles, pings=pings)
        _Import(service, site, staging, form.name, source.name, report, progress).run()
    except sqlite3.OperationalError as why:  # of the staging file; those of the database are SQLAlchemy's
        raise Unreadable(f"What it holds cannot be laid out in the data directory: {why}.") from None
    finally:
        staging.close()


def _read_all(staging: Staging, source: Source, form: Format, progress: Progress) -> None:
    try:
        for comments in staging.add(form.read(source)):
            progress.reading(comments)
    except (Problem, OSError, sqlite3.Error):
        raise
    except (
        Exception
    ) as why:  # anybody may write a format; what an error says may quote what stands in the file
        raise Unreadable(f"The format {form.name} cannot read this: {where(why)}.", file=source.name) from why


def _decide(
    service: Service, staging: Staging, form: Format, report: Report, articles: ArticleMap, *, pings: bool
) -> None:
    ordering.link_up(staging.file)
    report.found = staging.found(getattr(form, "knows", None))
    deciding.aim(staging.file, articles.article)
    deciding.decide(staging.file, pings=pings)
    ordering.date(staging.file, service.now())
    deciding.describe(staging.file)
    report.skipped_by = staging.skipped_by()
    report.articles = staging.previews(PREVIEWS)
    report.collisions = staging.collisions(PREVIEWS)
    for line, thread, comment, reason, more in staging.skipped():
        report.lines.write(line, thread, comment, reason, more or "")


class _Import:
    """One import that is under way."""

    def __init__(
        self,
        service: Service,
        site: Site,
        staging: Staging,
        format_name: str,
        file: str,
        report: Report,
        progress: Progress,
    ) -> None:
        self._service, self._site, self._staging = service, site, staging
        self._format, self._file = format_name, file
        self._report, self._progress = report, progress
        self._arrivals = Arrivals(service, site, format_name, report)
        self._most = self._room = FIRST  # comments in a transaction, and how many more come into this one
        self._ended = 0.0

    def run(self) -> None:
        """Write what is not there yet."""
        self._find_those_there()
        if not self._report.dry_run:
            with self._service.unit_of_work() as work:
                now = self._service.now().replace(microsecond=0)
                self._report.number = work.imports.begin(self._site.id, self._format, self._file, now)
        for group in self._groups():
            self._rehearse(group) if self._report.dry_run else self._write(group)
            self._progress.writing(self._report.added, self._total)
        if not self._report.dry_run:
            self._finish()

    def _finish(self) -> None:
        if self._site.close_after_days is not None:
            closing.plan_site(self._service, self._site)
        with self._service.unit_of_work() as work:
            number = self._report.number or 0
            now = self._service.now().replace(microsecond=0)
            work.imports.finish(number, self._report.as_json(), now)
            facts = {"import": number, "site": self._site.slug, "file": self._file, "format": self._format}
            record(work, self._service, OPERATOR, Kind.IMPORTED, **facts, comments=self._report.added)

    def _find_those_there(self) -> None:
        named = ((row, digest_of(self._format, *identity)) for row, *identity in self._staging.identities())
        while some := list(islice(named, LOOKED_UP)):
            with self._service.reading() as work:
                there = work.imports.there_already(self._site.id, [digest for _, digest in some])
            self._staging.store((there[digest], row) for row, digest in some if digest in there)
            self._report.already += sum(digest in there for _, digest in some)
        self._find_own_ones()

    def _find_own_ones(self) -> None:
        """Find comments of an export of our own that never went, or came in another way."""
        own = self._staging.keys()
        while some := list(islice(own, LOOKED_UP)):
            with self._service.reading() as work:
                there = work.restoring.those_there(key for _, key in some)
            here = [
                (there[key][0], row)
                for row, key in some
                if key in there and there[key][1] == self._site.id and self._staging.stored(row) is None
            ]
            self._staging.store(here)
            self._report.already += len(here)

    def _groups(self) -> Iterator[list[Part]]:
        """What is to be written, so many comments at a time; a long thread is in several groups, one after the other."""
        new = self._staging.new_ones()
        self._total = sum(new.values())
        group: list[Part] = []
        self._room = self._most
        for target in self._staging.targets():
            filling = _Filling(target, new.get(target.id, 0))
            for part in self._parts(filling):
                group.append((filling, part))
                self._room -= max(1, len(part))
                if self._room <= 0:
                    yield group
                    group, self._room = [], self._most
        if group:
            yield group

    def _parts(self, filling: _Filling) -> Iterator[list[_Ready]]:
        if not filling.total:
            if filling.target.closed or filling.target.original is not None:
                yield []
            return
        after, left = BEFORE_ALL, filling.total
        while left and (some := self._staging.kept(filling.target.id, after, min(left, self._room))):
            after = (some[-1].turn, some[-1].level, some[-1].id)
            left -= len(some)
            self._arrivals.taken = self._taken(some)
            yield list(map(self._made_ready, some))

    def _taken(self, some: Sequence[Kept]) -> Container[str]:
        """Which public ids of comments of our own format others have here."""
        own = [one.key for one in some if one.original is not None]
        if not own:
            return ()
        with self._service.reading() as work:
            return work.restoring.those_there(own)

    def _made_ready(self, kept: Kept) -> _Ready:
        digest = digest_of(self._format, kept.identity, kept.key, kept.posted)
        return _Ready(kept, digest, self._arrivals.loadable(kept, digest))

    def _rehearse(self, group: Sequence[Part]) -> None:
        with self._service.reading() as work:
            for filling, part in group:
                if filling.thread_id is None:
                    thread = work.threads.find(self._site.id, filling.target.article)
                    self._report.threads_added += thread is None
                    filling.thread_id = 0
                self._report.added += len(part)

    def _write(self, group: Sequence[Part]) -> None:
        time.sleep(max(0, self._ended + GAP_SECONDS - time.monotonic()))
        began = time.monotonic()
        all_stored = self._store(group)
        self._ended = time.monotonic()
        self._suit(sum(max(1, len(part)) for _, part in group), self._ended - began)
        for stored in all_stored:
            filling = stored.filling
            filling.thread_id, filling.numbers = stored.thread_id, stored.numbers
            filling.done += len(stored.rows)
            self._staging.store(stored.rows)
            self._report.added += len(stored.rows)
            self._report.threads_added += stored.created

    def _suit(self, comments: int, seconds: float) -> None:
        """Let the next transactions take as long as one may, since so many comments took so many seconds."""
        fitting = comments * HELD_SECONDS / max(seconds, 0.001)
        most = int(min(MOST, max(FEWEST, (self._most + fitting) / 2)))
        self._most = most - most % ROWS_A_STATEMENT or most  # whole statements, which are prepared once

    @retried
    def _store(self, group: Sequence[Part]) -> list[_Stored]:
        stored: list[_Stored] = []
        with self._service.unit_of_work() as work:
            rows = iter(work.bulk.new_ids(sum(len(part) for _, part in group)))
            waiting: dict[int, _Placed] = {}
            for filling, part in group:
                thread_id, created = self._open(work, filling)
                if thread_id in waiting:  # two of the articles are one now
                    self._insert(work, waiting.values())
                    waiting = {}
                placed = self._place(work, filling, part, thread_id, list(islice(rows, len(part))))
                waiting[thread_id] = placed
                staged = [(row, one.kept.id) for row, one in zip(placed.rows, part, strict=True)]
                stored.append(_Stored(filling, thread_id, placed.numbers, staged, created))
            self._insert(work, waiting.values())
        return stored

    def _place(
        self, work: UnitOfWork, filling: _Filling, part: Sequence[_Ready], thread_id: int, rows: list[int]
    ) -> _Placed:
        thread = OpenThread(thread_id, work.threads.size(thread_id))
        numbers = filling.numbers
        if numbers is None or filling.thread_id != thread.id:
            numbers = self._reserve(work, filling, thread)
            filling.done = 0
        own = numbers[filling.done : filling.done + len(part)]
        stands = self._stands(work, thread.id, part, rows, own)
        return _Placed(filling, part, thread, numbers, rows, own, stands)

    def _insert(self, work: UnitOfWork, parts: Collection[_Placed]) -> None:
        comments: list[tuple[int, int, int, Placement, Loadable]] = []
        remembered: list[dict[str, Any]] = []
        whose = {"site_id": self._site.id, "import_id": self._report.number}
        for placed in parts:
            for row, seq, stand, one in zip(placed.rows, placed.own, placed.stands, placed.part, strict=True):
                comments.append((row, placed.thread.id, seq, stand, one.loadable))
                remembered.append(whose | {"digest": one.digest, "comment_id": row})
        if comments:
            threads = [placed.thread for placed in parts if placed.part]
            bulk_insert.insert(self._service, work, comments, threads)
            if not work.imports.remember(remembered):
                raise BadSetting("Another node imports the same at this moment; run this again after that.")
        for placed in parts:
            stored = dict(zip(placed.rows, placed.part, strict=True))
            self._restore(work, placed.filling, placed.thread.id, stored)

    def _restore(
        self, work: UnitOfWork, filling: _Filling, thread_id: int, stored: Mapping[int, _Ready]
    ) -> None:
        """Store what is known of comments of our own format besides: what hangs on them, and which are pinned or locked."""
        own = {
            row: restoring.comment_line(one.kept.original)
            for row, one in stored.items()
            if one.kept.original is not None
        }
        for row, line in own.items():
            restoring.hang_on(self._service, work, self._site, row, line)
        locked = [row for row, line in own.items() if line.locked]
        pinned = any(line.pinned for line in own.values())
        if pinned or locked:
            now = {one.kept.id: row for row, one in stored.items()}
            rows = [now.get(staged, there) for staged, there in self._staging.pinned(filling.target.id)]
            restoring.mark(work, thread_id, [row for row in rows if row is not None], locked)

    def _open(self, work: UnitOfWork, filling: _Filling) -> tuple[int, bool]:
        """Lock the article's thread, and make it where there is none; give its row, and whether it was made."""
        target = filling.target
        was_there = work.threads.find(self._site.id, target.article) is not None
        thread = work.threads.open_for_writing(self._site.id, target.article)
        if filling.numbers is None:
            changes: dict[str, object] = {}
            title = read_title(target.title or "")
            if thread.title is None and title:
                changes["title"] = title
            if thread.url is None and (url := _web_address(target.url)):
                changes["url"] = url
            if target.closed and not was_there:
                changes["open"] = False
            if changes:
                work.threads.describe(thread.id, **changes)
                show_change(work, thread.id, self._service.now())
            aliases: list[str] = []
            if target.original is not None and not was_there:
                aliases = restoring.describe(work, self._site, thread.id, target.original)
            if changes or not was_there:
                both: dict[str, list[Any]] = {
                    name: [getattr(thread, name), value] for name, value in changes.items()
                }
                if aliases:
                    both["aliases"] = [[], aliases]
                work.imports.remember_thread(
                    self._report.number or 0, ImportedThread(thread.id, not was_there, both)
                )
        return thread.id, not was_there

    def _reserve(self, work: UnitOfWork, filling: _Filling, thread: OpenThread) -> Sequence[int]:
        """Give the numbers of all new comments of an article: by their time among those that are there."""
        order = self._staging.order_of(filling.target.id)
        first = next(order, None)
        if first is None:
            return ()
        last = work.imports.last_posted(thread.id)
        count = self._staging.new_ones_of(filling.target.id)
        if last is None or last <= moment(first[1]):
            numbers: Sequence[int] = range(thread.last_seq + 1, thread.last_seq + 1 + count)
        else:
            numbers = self._make_room(work, filling, thread)
        thread.last_seq = max(thread.last_seq, max(numbers))
        return numbers

    def _make_room(self, work: UnitOfWork, filling: _Filling, thread: OpenThread) -> list[int]:
        index: dict[int, int] = {}
        arriving: list[Arriving] = []
        for row, turn, under in self._staging.order_of(filling.target.id):
            index[row] = len(arriving)
            above = index.get(under) if under is not None else None
            stored = self._staging.stored(under) if under is not None and above is None else None
            arriving.append(Arriving(moment(turn), above, stored))
        there = work.merging.comments(thread.id)
        room = merging.make_room(there, arriving)
        merging.renumber(work, thread.id, room)
        thread.last_seq = max(thread.last_seq, *room.numbers.values())
        show_change(work, thread.id, self._service.now())
        return room.free

    def _stands(
        self,
        work: UnitOfWork,
        thread_id: int,
        part: Sequence[_Ready],
        rows: Sequence[int],
        own: Sequence[int],
    ) -> list[Placement]:
        """Where the comments of a part stand."""
        here = {one.kept.id for one in part}
        parents = {
            answered: self._staging.stored(answered)
            for one in part
            if (answered := one.kept.under) is not None and answered not in here
        }
        paths = work.imports.paths(thread_id, (row for row in parents.values() if row is not None))
        placed: dict[int, tuple[int, str]] = {
            up: (row, paths[row]) for up, row in parents.items() if row in paths and row is not None
        }
        above = {path for _, known in placed.values() for path in (known, *places.ancestors(known))}
        row_at = work.imports.rows_at(thread_id, above) if above else {}
        stands = []
        for one, row, seq in zip(part, rows, own, strict=True):
            under = placed.get(one.kept.under) if one.kept.under is not None else None
            if (
                under is None and one.kept.under is not None
            ):  # an import with other rules for articles brought it elsewhere
                self._arrivals.tell_lost(one.kept, "other-thread")
            place = places.place(seq, under[1] if under else "", self._max_depth(one.kept))
            placed[one.kept.id] = (row, place.path)
            row_at[place.path] = row
            over = {*places.ancestors(place.path), under[1]} if under else set()
            stands.append(Placement(place, under[0] if under else None, [row_at[path] for path in over]))
        return stands

    def _max_depth(self, kept: Kept) -> int:
        """How many levels there may be: for a comment of our own format, up to where it stood."""
        if kept.original is None:
            return self._service.settings.max_depth
        return min(restoring.comment_line(kept.original).depth + 1, MOST_LEVELS)


def _web_address(link: str | None) -> str | None:
    try:
        return read_web_address(link or "")
    except ValueError:
        return None
