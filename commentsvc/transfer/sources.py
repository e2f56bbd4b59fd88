"""Where an export comes from: a file, plain or compressed, an archive or a folder; read within bounds, never outside it."""

from __future__ import annotations

import errno
import gzip
import io
import lzma
import os
import shutil
import stat
import struct
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Protocol

from commentsvc.transfer.errors import Unreadable

MOST_BYTES = 64 << 30  # of all that is unpacked
FREE_BYTES = 64 << 20  # what any file may unpack to, however well it was packed
MOST_TIMES = (
    200  # what is larger may have so many times the bytes that it was packed into; exports have about 10
)
MOST_FILES = 1_000_000
CHUNK_BYTES = 1 << 20
NO_PLACE = {errno.ENAMETOOLONG, errno.EEXIST, errno.ENOTDIR, errno.EILSEQ, errno.EINVAL}
GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"

NOT_UNPACKED = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, ValueError, NotImplementedError, RuntimeError, EOFError
)  # fmt: skip

Told = Callable[[str, int | None, str], None]


class Source(Protocol):
    """An export that can be read as often as it takes.

    `keep_going`: what cannot be read is to be passed over, where that is possible, and told.
    """

    name: str
    keep_going: bool

    def open(self) -> BinaryIO:
        """Give what the one file holds, from its beginning, unpacked."""

    def path(self) -> Path:
        """Give a file on this machine that holds the same."""

    def files(self) -> Iterator[tuple[str, Source]]:
        """Give each file that it holds with its name there, sorted by that; a single one gives itself."""

    def told(self, what: str, line: int | None, reason: str) -> None:
        """Take note of something that was altered: *what* is a word of `altered_by`, as `encoding`."""

    def size(self) -> int | None:
        """How many bytes there are to read as they lie there, packed or not; None where that is not known."""

    def position(self) -> int:
        """How many of `size` were read since it was last opened."""


def head(source: Source, size: int) -> bytes:
    """Give the first *size* bytes of *source*, or as many as can be read: who reads on says what is wrong there."""
    found = b""
    with source.open() as stream:
        try:
            while len(found) < size and (part := stream.read1(size - len(found))):  # type: ignore[attr-defined]
                found += part
        except Unreadable:
            return found
    return found


class OneFile:
    """A file, plain or gzipped."""

    def __init__(self, place: Path, name: str, keep_going: bool, tell: Told, scratch: Path) -> None:
        self._place, self.name, self.keep_going, self.told = place, name, keep_going, tell
        self._scratch = scratch
        self._unpacked: Path | None = None
        self._raw: BinaryIO | None = None
        with place.open("rb") as file:
            self._is_gzip = file.read(2) == GZIP

    def open(self) -> BinaryIO:
        """Give what it holds, from its beginning."""
        self._raw = raw = self._place.open("rb")
        if not self._is_gzip:
            return raw
        unpacked = gzip.GzipFile(fileobj=raw, mode="rb")
        return io.BufferedReader(_Bounded(unpacked, self.name, raw), CHUNK_BYTES)

    def path(self) -> Path:
        """Give a file that holds the same."""
        if not self._is_gzip:
            return self._place
        if self._unpacked is None:
            self._unpacked = _copied(self.open(), self._scratch)
        return self._unpacked

    def files(self) -> Iterator[tuple[str, Source]]:
        """Give itself."""
        yield self.name, self

    def size(self) -> int | None:
        """How many bytes the file has as it lies there."""
        return self._place.stat().st_size

    def position(self) -> int:
        """How many of them were read."""
        return 0 if self._raw is None or self._raw.closed else self._raw.tell()


class Folder:
    """A folder of files; links are passed over."""

    def __init__(self, place: Path, name: str, keep_going: bool, tell: Told, scratch: Path) -> None:
        self._place, self.name, self.keep_going, self.told = place, name, keep_going, tell
        self._scratch = scratch

    def open(self) -> BinaryIO:
        """Give what its only file holds.

        :raises Unreadable: it has several, or none.
        """
        return self._only().open()

    def path(self) -> Path:
        """Give its only file.

        :raises Unreadable: it has several, or none.
        """
        return self._only().path()

    def files(self) -> Iterator[tuple[str, Source]]:
        """Give each file below it, sorted by name."""
        for name in self._names():
            yield (
                name,
                OneFile(self._place / name, f"{self.name}/{name}", self.keep_going, self.told, self._scratch),
            )

    def size(self) -> int | None:
        """Unknown: it is read file by file."""
        return None

    def position(self) -> int:
        """Unknown."""
        return 0

    def _only(self) -> Source:
        files = [file for _, file in self.files()]
        if len(files) != 1:
            raise Unreadable(f"It holds {len(files)} files; name the one to import.", file=self.name)
        return files[0]

    def _names(self) -> list[str]:
        names = []
        for folder, below, here in os.walk(self._place):
            below[:] = [
                name for name in below if not (Path(folder) / name).is_symlink() and not _is_noise(name)
            ]
            for name in here:
                file = Path(folder) / name
                if stat.S_ISREG(file.lstat().st_mode) and not _is_noise(name):
                    names.append(file.relative_to(self._place).as_posix())
        return sorted(names)


class _Bounded(io.RawIOBase):
    """What is unpacked, up to where it can be no export any more."""

    def __init__(self, unpacked: gzip.GzipFile, name: str, packed: BinaryIO) -> None:
        self._unpacked, self._name, self._packed, self._read = unpacked, name, packed, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            chunk = self._unpacked.read1(len(buffer))  # what is there before the archive is cut off
        except (OSError, EOFError, zlib.error) as why:
            raise Unreadable(f"It cannot be unpacked: {why}", byte=self._read, file=self._name) from None
        buffer[: len(chunk)] = chunk
        self._read += len(chunk)
        require_bounds(self._read, self._packed.tell(), self._name)
        return len(chunk)

    def close(self) -> None:
        self._unpacked.close()
        self._packed.close()
        super().close()


def require_bounds(unpacked: int, packed: int, name: str) -> None:
    """Refuse what was made to fill the disk.

    :raises Unreadable: so many bytes cannot have been in a file of *packed* bytes by chance.
    """
    if unpacked > MOST_BYTES or unpacked > FREE_BYTES + MOST_TIMES * packed:
        raise Unreadable("It unpacks to far more than an export does.", byte=unpacked, file=name)


def opened(place: Path, keep_going: bool, tell: Told, scratch: Path) -> Source:
    """Give the export at *place*; what has to be unpacked lies in the folder *scratch*.

    :raises Unreadable: an archive holds what it must not, or cannot be unpacked.
    :raises OSError: there is no such file.
    """
    if place.is_dir():
        return Folder(place, place.name, keep_going, tell, scratch)
    if not stat.S_ISREG(place.stat().st_mode):
        raise Unreadable("This is no file.", file=place.name)
    with place.open("rb") as file:
        head = file.read(4)
    if head == ZIP:
        return _archive(_unzipped(place, scratch), place, keep_going, tell, scratch)
    one = OneFile(place, place.name, keep_going, tell, scratch)
    if _is_tar(one):
        return _archive(_untarred(one, scratch), place, keep_going, tell, scratch)
    return one


def _archive(folder: Path, place: Path, keep_going: bool, tell: Told, scratch: Path) -> Source:
    whole = Folder(folder, place.name, keep_going, tell, scratch)
    files = [file for _, file in whole.files()]
    return files[0] if len(files) == 1 else whole


def _is_tar(one: OneFile) -> bool:
    with one.open() as stream:
        try:
            return stream.read(512)[257:262] == b"ustar"
        except Unreadable:
            return False  # who reads it says what is wrong


def _untarred(one: OneFile, scratch: Path) -> Path:
    folder = Path(tempfile.mkdtemp(dir=scratch))
    written = 0
    with one.open() as stream:
        try:
            with tarfile.open(fileobj=stream, mode="r|") as archive:
                for number, member in enumerate(archive):
                    _require_few(number, one.name)
                    if member.isdir():
                        continue
                    if not member.isreg():
                        raise Unreadable(f"It holds a link or device: {member.name!r}", file=one.name)
                    if member.issparse():  # some bytes say how many TB of nothing there are
                        raise Unreadable(f"It holds a file with holes: {member.name!r}", file=one.name)
                    inside = archive.extractfile(member)
                    if inside is not None:
                        written += _written(inside, _place_in(folder, member.name, one.name))
                        require_bounds(written, MOST_BYTES, one.name)
        except tarfile.TarError as why:
            raise Unreadable(f"It cannot be unpacked: {why}", file=one.name) from None
    return folder


def _unzipped(place: Path, scratch: Path) -> Path:
    folder = Path(tempfile.mkdtemp(dir=scratch))
    written = 0
    try:
        with zipfile.ZipFile(place) as archive:
            _require_few(len(archive.infolist()), place.name)
            for member in archive.infolist():
                if member.is_dir():
                    continue
                kind = stat.S_IFMT(member.external_attr >> 16)
                if kind not in (0, stat.S_IFREG):
                    raise Unreadable(f"It holds a link or device: {member.filename!r}", file=place.name)
                target = _place_in(folder, member.filename, place.name)
                with archive.open(member) as inside:
                    written += _written(
                        inside,
                        target,
                        lambda size: require_bounds(size, place.stat().st_size, place.name),
                        written,
                    )
    except NOT_UNPACKED as why:
        raise Unreadable(f"It cannot be unpacked: {why}", file=place.name) from None
    except OSError as why:
        if why.errno is not None:
            raise
        raise Unreadable(f"It cannot be unpacked: {why}", file=place.name) from None  # bz2 says it so
    return folder


def _place_in(folder: Path, name: str, archive: str) -> Path:
    """Where the member *name* of an archive is unpacked to: below *folder*, or nowhere."""
    path = PurePosixPath(name.replace("\\", "/"))
    if not path.parts:
        raise Unreadable(f"It holds a file without a name: {name!r}", file=archive)
    if path.is_absolute() or ".." in path.parts or "\0" in name or ":" in path.parts[0]:
        raise Unreadable(f"It holds a file outside its own folder: {name!r}", file=archive)
    target = folder / path
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        is_there = target.exists()
    except OSError as why:  # a name that is too long, or below a file
        if why.errno not in NO_PLACE:
            raise
        raise Unreadable(f"It holds a file that has no place here: {name!r}", file=archive) from None
    if is_there:
        raise Unreadable(f"It holds a file twice: {name!r}", file=archive)
    return target


def _require_few(number: int, name: str) -> None:
    if number > MOST_FILES:
        raise Unreadable(f"It holds more than {MOST_FILES} files.", file=name)


def _written(
    stream: object, target: Path, check: Callable[[int], None] = lambda size: None, before: int = 0
) -> int:
    """Write what *stream* gives into *target*; give how many bytes that were."""
    size = 0
    with target.open("wb") as file:
        while chunk := stream.read(CHUNK_BYTES):  # type: ignore[attr-defined]
            size += len(chunk)
            check(before + size)
            file.write(chunk)
    return size


def _copied(stream: BinaryIO, scratch: Path) -> Path:
    with stream, tempfile.NamedTemporaryFile(dir=scratch, delete=False) as file:
        shutil.copyfileobj(stream, file, CHUNK_BYTES)
    return Path(file.name)


def _is_noise(name: str) -> bool:
    """Whether systems put such files into folders and archives by themselves."""
    return name.startswith(".") or name in {"__MACOSX", "Thumbs.db", "desktop.ini"}
