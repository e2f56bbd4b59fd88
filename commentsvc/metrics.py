"""What the service counts, in memory that all its processes can read.

Each process has a file of fixed records in the folder `metrics` of the data directory, mapped into its memory, and
locks it for as long as it lives: to count is an addition in memory, and what was counted is in the file, however the
process ends. The next process that starts takes over a file that nobody locks, and counts on. So there are never
more files than there were processes at a time, and no sum ever goes down.
"""

from __future__ import annotations

import fcntl
import os
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from mmap import mmap
from pathlib import Path
from threading import Lock

import structlog

# Upper ends of what times are counted in (seconds). The first is far above what a kept answer takes.
BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
VALUES = 16  # of a record: a histogram has one for each bound, one for what took longer, and the sum
NAME_BYTES = 128
RECORD_BYTES = NAME_BYTES + 8 * VALUES
RECORDS = 1024  # some 250 are used: the routes, and with each the statuses that it answers with
FILE_BYTES = RECORD_BYTES * RECORDS
STRIDE = RECORD_BYTES // 8  # in doubles, as which the memory is added to
FIRST_VALUE = NAME_BYTES // 8

NO_ROUTE = "none"  # as which a request counts that came to no route

Key = tuple[str, ...]
"""The name of a record, and the values of its labels."""

log = structlog.get_logger("commentsvc.metrics")


class Metrics:
    """The counts of one process, and the sums of all that share the folder.

    Nothing is opened before something is counted: a server may fork before that. Where the file cannot be had, as on
    a full disk, the process counts in memory of its own.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._map: mmap | None = None
        self._in_file = False
        self._places: dict[Key, int] = {}
        self._kept_before = 0
        self._lock = Lock()
        self.values = memoryview(bytearray()).cast("d")
        """The memory as doubles. No other thread gets its turn within `values[place] += 1` (CPython)."""

    def place(self, *key: str) -> int:
        """Where the first of the values of that record is in `values`."""
        place = self._places.get(key)
        return self._new_place(key) if place is None else place

    def tally(self, *key: str) -> memoryview[float]:
        """The values of that record, for what is counted too often to look for them each time."""
        place = self.place(*key)
        return self.values[place : place + VALUES]

    def add(self, *key: str) -> None:
        """Count one of *key*."""
        place = self.place(*key)
        self.values[place] += 1

    def set(self, value: float, *key: str) -> None:
        """Say how much this process has of *key* at the moment."""
        place = self.place(*key)
        self.values[place] = value

    def answered(self, route: str | None, status: str, seconds: float) -> None:
        """Count an answer that was made for its reader."""
        route = route or NO_ROUTE
        self.add("requests", route, status)
        place = self.place("seconds", route)
        self.values[place + bisect_left(BOUNDS, seconds)] += 1
        self.values[place + VALUES - 1] += seconds

    def kept(self) -> int:
        """How many kept answers this process sent since it began to count."""
        places = (place for key, place in list(self._places.items()) if key[0] == "kept")
        return int(sum(self.values[place] + self.values[place + 1] for place in places) - self._kept_before)

    def sums(self) -> Sums:
        """What all processes counted; of what a process has at the moment, only those that live count."""
        sums = Sums()
        for path in self._files():
            try:
                with path.open("rb") as file:
                    lives = not _lock(file.fileno(), fcntl.LOCK_SH)
                    sums.add(_records(file.read(FILE_BYTES)), lives=lives)
            except OSError as why:
                log.error("metrics cannot be read", file=path.name, kind=type(why).__name__)
        if self._map is not None and not self._in_file:
            sums.add(_records(self._map[:]), lives=True)
        return sums

    def _files(self) -> list[Path]:
        return sorted(self._folder.iterdir()) if self._folder.is_dir() else []

    def _new_place(self, key: Key) -> int:
        with self._lock:
            if self._map is None:
                self._map = self._open()
                self.values = memoryview(self._map).cast("d")
            if key not in self._places:
                self._places[key] = self._take_record(self._map, key)
            return self._places[key]

    def _open(self) -> mmap:
        try:
            memory = _claimed(self._folder)
        except OSError as why:
            log.error("metrics are counted in this process alone", kind=type(why).__name__)
            return mmap(-1, FILE_BYTES)
        self._in_file = True
        values = memoryview(memory).cast("d")
        for number, key, counted in _records(memory[:]):
            self._places[key] = number * STRIDE + FIRST_VALUE
            if key[0] in GAUGES:
                values[self._places[key]] = 0
            elif key[0] == "kept":
                self._kept_before += int(counted[0] + counted[1])
        return memory

    def _take_record(self, memory: mmap, key: Key) -> int:
        """Name the next record that is free; the last one, which is never told, is for what has no room or no name."""
        name = "\t".join(key).encode()
        number = 1 + max((place // STRIDE for place in self._places.values()), default=-1)
        if number >= RECORDS - 1 or len(name) > NAME_BYTES:
            return (RECORDS - 1) * STRIDE + FIRST_VALUE
        start = number * RECORD_BYTES
        memory[start + 1 : start + len(name)] = name[1:]
        memory[start] = name[0]  # last: a record is read by others as soon as its name begins
        return number * STRIDE + FIRST_VALUE


@dataclass
class Sums:
    """The values of records by their names, summed over processes."""

    records: dict[Key, list[float]] = field(default_factory=dict)

    def add(self, records: Iterable[tuple[int, Key, Iterable[float]]], *, lives: bool) -> None:
        """Add the records of a process; of one that ended, what it had then counts no more."""
        for _, key, values in records:
            if lives or key[0] not in GAUGES:
                before = self.records.setdefault(key, [0.0] * VALUES)
                self.records[key] = [one + more for one, more in zip(before, values, strict=True)]

    def of(self, name: str) -> Iterator[tuple[Key, list[float]]]:
        """The records of that name: the values of their labels, and theirs."""
        return ((key[1:], values) for key, values in sorted(self.records.items()) if key[0] == name)


GAUGES = frozenset({"cache_bytes", "streams"})


def _claimed(folder: Path) -> mmap:
    """Map the first file of *folder* that no living process has.

    Its blocks are there before it is written to: on a full disk, the memory of a file with a hole ends the process.

    :raises OSError: it cannot be had.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    for number in count(1):
        file = os.open(folder / str(number), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if _lock(file, fcntl.LOCK_EX):
                os.posix_fallocate(file, 0, FILE_BYTES)
                memory = mmap(file, FILE_BYTES)  # it holds the lock, by a descriptor of its own
                _start_afresh_if_full(memory)
                return memory
        finally:
            os.close(file)
    raise AssertionError("there is always a next number")


def _start_afresh_if_full(memory: mmap) -> None:
    """Forget what was counted before if half of the names are used: many are of routes that are no longer there."""
    if sum(1 for _ in _records(memory[:])) > RECORDS // 2:
        memory[:] = bytes(FILE_BYTES)


def _lock(file: int, how: int) -> bool:
    """Lock the open *file* if it can be had at once; give whether it could."""
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _records(memory: bytes) -> Iterator[tuple[int, Key, list[float]]]:
    """The number, name and values of all records that have a name."""
    whole = len(memory) // RECORD_BYTES
    values = memoryview(memory)[: whole * RECORD_BYTES].cast("d")
    for number in range(whole):
        start = number * RECORD_BYTES
        name = memory[start : start + NAME_BYTES].rstrip(b"\0")
        if name and not name.startswith(b"\0"):
            first = number * STRIDE + FIRST_VALUE
            yield (
                number,
                tuple(name.decode(errors="replace").split("\t")),
                list(values[first : first + VALUES]),
            )


Samples = Iterable[tuple[str, Mapping[str, str], float]]
"""What follows the metric's name, the labels, and the value."""


@dataclass(frozen=True, slots=True)
class Family:
    """All that one metric says."""

    name: str
    kind: str
    help: str
    samples: Samples


def histogram(
    labels: Mapping[str, str], values: list[float]
) -> Iterator[tuple[str, Mapping[str, str], float]]:
    """The samples of a record with a value for each bound, one for what took longer, and the sum."""
    total = 0.0
    for bound, some in zip([*map(str, BOUNDS), "+Inf"], values, strict=False):
        total += some
        yield "_bucket", {**labels, "le": bound}, total
    yield "_count", labels, total
    yield "_sum", labels, values[VALUES - 1]


def exposition(families: Iterable[Family]) -> str:
    """Write *families* as Prometheus reads them (text format 0.0.4)."""
    return "".join(f"{line}\n" for family in families for line in _lines(family))


def _lines(family: Family) -> Iterator[str]:
    yield f"# HELP {family.name} {family.help}"
    yield f"# TYPE {family.name} {family.kind}"
    for end, labels, value in family.samples:
        written = ",".join(f'{name}="{_escaped(said)}"' for name, said in labels.items())
        yield (
            f"{family.name}{end}{{{written}}} {value:.17g}" if written else f"{family.name}{end} {value:.17g}"
        )


def _escaped(label: str) -> str:
    return label.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
