"""Make a backup, and a service from one.

A backup is a ZIP archive: `manifest.json`, the database as one file of SQLite's whichever it came from, and the key files
where they were asked for. So `unzip` and `sqlite3` read it in ten years, too.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from msgspec import DecodeError, ValidationError, json

from commentsvc import __version__, scratch
from commentsvc.actions import erased_list
from commentsvc.actions.erase_again import erase_again
from commentsvc.actions.keys import keys_fault
from commentsvc.errors import BadSetting
from commentsvc.privacy.keys import (
    ADDRESS_FILE,
    LOOKUP_NAME,
    SECRET_FILE,
    AddressKeys,
    Keys,
    address_keys_source,
    key_texts,
    replace_key_file,
    secret_source,
)
from commentsvc.privacy.sealing import person_key_ids
from commentsvc.settings import PREFIX, Settings
from commentsvc.storage import backup as storage

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = "comments.db"
KEY_FILES = (SECRET_FILE, ADDRESS_FILE)
FAST = 1  # zlib's level: twice as fast as its default, for a tenth more bytes
PIECE = 1 << 20
EPOCH_BYTES = 12


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself; *digests* are SHA-256 by the names of its files."""

    format: int
    program: str
    schema: str
    source: str
    created: datetime
    rows: dict[str, int]
    digests: dict[str, str]


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A backup whose digests were right: the copy of its database, and its key files by name."""

    manifest: Manifest
    copy: Path
    keys: dict[str, str]


def back_up(settings: Settings, file: Path, *, with_keys: bool) -> Manifest:
    """Write a backup to *file*, while the service runs; it appears whole or not at all.

    :raises BadSetting: there is no database, or *file* is something else than a backup.
    """
    if file.exists() and not _is_backup(file):
        raise BadSetting(f"{file} exists and is no backup; name another file.")
    keys = key_texts(settings) if with_keys else {}
    with scratch.folder("backup", file.parent) as folder:
        copy = Path(folder, DATABASE)
        storage.copy_out(settings, copy)
        if fault := storage.fault_of(copy):
            raise BadSetting(f"The database is damaged: {fault}. Restore a backup; {file} is as it was.")
        fresh = Path(folder, "archive")
        manifest = _pack(fresh, copy, keys, _backend(settings))
        erased = erased_list.lines_of(storage.erasures_of(copy), _keys_here(settings))
        fresh.replace(file)
    erased_list.note_beside(settings, file, erased)
    return manifest


def restore(settings: Settings, file: Path, *, replace_old: bool, to: str | None) -> Manifest:
    """Make the service that the backup *file* holds. Until all was looked at, nothing is changed.

    Who was erased since it was made, by the lists in the data directory and beside *file*, is erased from it again.

    :param replace_old: what is in the database now is lost.
    :param to: the kind of database it goes to, where that is another than it came from.
    :raises BadSetting: *file* is damaged or no backup; there is a database, or another service uses it; keys are missing,
        those by which the lists name who was erased since included.
    :raises SchemaOutdated: it was made by a newer program.
    """
    target = _backend(settings)
    if to not in {None, target}:
        raise BadSetting(
            f"{PREFIX}DATABASE_URL names {target}; set it to the {to} database that is to be filled."
        )
    folder = storage.folder_for_copy(settings)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _unpacked(file, folder) as backup:
        if to is None and backup.manifest.source != target:
            raise BadSetting(
                f"{file} is of {backup.manifest.source}, {PREFIX}DATABASE_URL names {target}. To move, add: --to {target}"
            )
        storage.make_ready(backup.copy, urlsafe_b64encode(os.urandom(EPOCH_BYTES)).decode())
        texts = _fitting_keys(settings, backup)
        if storage.is_used(settings) and not replace_old:
            raise BadSetting(
                f"There is a database already, {_place(settings)}. To lose what is in it, add: --replace"
            )
        erased = _erase_again(settings, file, backup, texts)
        storage.copy_in(settings, backup.copy)
        erased_list.note(erased_list.own(settings), erased)
        _write_keys(settings, texts)
    return backup.manifest


def _backend(settings: Settings) -> str:
    return "sqlite" if settings.database_file() else "postgresql"


def _place(settings: Settings) -> str:
    return str(settings.database_file() or f"the one that {PREFIX}DATABASE_URL names")


def _pack(archive: Path, copy: Path, keys: dict[str, str], source: str) -> Manifest:
    if (schema := storage.version_of(copy)) is None:
        raise BadSetting("The database has no tables of this service.")
    with os.fdopen(os.open(archive, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
        with ZipFile(opened, "w", ZIP_DEFLATED, compresslevel=FAST) as packed:
            packed.write(copy, DATABASE)
            digests = {DATABASE: _digest(copy)}
            for name, text in keys.items():
                packed.writestr(name, text)
                digests[name] = hashlib.sha256(text.encode()).hexdigest()
            now = datetime.now(UTC).replace(microsecond=0)
            manifest = Manifest(FORMAT, __version__, schema, source, now, storage.rows_of(copy), digests)
            packed.writestr(MANIFEST, json.format(json.encode(asdict(manifest)), indent=2))
        opened.flush()
        os.fsync(opened.fileno())
    return manifest


@contextmanager
def _unpacked(file: Path, beside: Path) -> Iterator[Unpacked]:
    """Take *file* apart in the folder *beside*, and see that it is what was packed."""
    with scratch.folder("restore", beside) as folder:
        copy = Path(folder, DATABASE)
        try:
            with ZipFile(file) as archive:
                manifest = json.decode(archive.read(MANIFEST), type=Manifest)
                if manifest.format != FORMAT:
                    raise BadSetting(
                        f"{file} was made by a newer program ({manifest.program}); install that."
                    )
                opened = os.fdopen(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
                with archive.open(DATABASE) as content, opened:
                    shutil.copyfileobj(content, opened, PIECE)
                names = [name for name in KEY_FILES if name in manifest.digests]
                keys = {name: archive.read(name).decode() for name in names}
        except (BadZipFile, KeyError, DecodeError, ValidationError, UnicodeDecodeError, EOFError) as why:
            raise BadSetting(f"{file} is no whole backup ({type(why).__name__}).") from None
        digests = {DATABASE: _digest(copy)}
        digests |= {name: hashlib.sha256(text.encode()).hexdigest() for name, text in keys.items()}
        if digests != manifest.digests or (fault := storage.fault_of(copy)):
            raise BadSetting(
                f"{file} is damaged: {fault if digests == manifest.digests else 'its digests differ'}."
            )
        yield Unpacked(manifest, copy, keys)


def _is_backup(file: Path) -> bool:
    try:
        with ZipFile(file) as archive:
            return MANIFEST in archive.namelist()
    except (BadZipFile, OSError):
        return False


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _fitting_keys(settings: Settings, backup: Unpacked) -> dict[str, str]:
    """Give the keys with which the database of the backup can be used: those that are here, else its own.

    :raises BadSetting: neither fit.
    """
    here = key_texts(settings)
    chosen = {
        name
        for name, text in ((SECRET_FILE, settings.secret_key), (ADDRESS_FILE, settings.address_keys))
        if text
    }
    packed = backup.keys | {name: here[name] for name in chosen}
    for texts in (here, packed):
        if (fault := _fault_of_keys(settings, backup.copy, texts)) is None:
            return texts
    raise BadSetting(
        f"{fault} A backup made with --with-keys has them; else put secret.key and address.keys of then into {settings.data_dir}."
    )


def _fault_of_keys(settings: Settings, copy: Path, texts: dict[str, str]) -> str | None:
    """Say why the database of the file *copy* cannot be used with the keys in *texts*; None if it can."""
    for name in KEY_FILES:
        if name not in texts:
            return f"{settings.data_dir / name} is missing."
    keys = Keys.parse(texts[SECRET_FILE], secret_source(settings))
    address_keys = AddressKeys.parse(texts[ADDRESS_FILE], address_keys_source(settings))
    with storage.reading_of(copy) as work:
        return keys_fault(settings, keys, address_keys, work)


def _erase_again(
    settings: Settings, file: Path, backup: Unpacked, texts: dict[str, str]
) -> list[erased_list.ErasedLine]:
    """Erase from a backup who was erased since, and give all that the lists say.

    :raises BadSetting: somebody was erased whom no key that is here finds.
    """
    lines = [line for path in erased_list.both(settings, file) for line in erased_list.read(path)]
    if there := storage.erasures_there(settings):
        lines.extend(erased_list.lines_of(there, _keys_here(settings)))
    if not lines:
        return []
    chosen = AddressKeys.parse(texts[ADDRESS_FILE], address_keys_source(settings))
    here = key_texts(settings).get(ADDRESS_FILE)
    others = [AddressKeys.parse(here, address_keys_source(settings))] if here else []
    known = {one for keys in (chosen, *others) for one in person_key_ids(keys)}
    if any(line.at >= backup.manifest.created and known.isdisjoint(line.person) for line in lines):
        raise BadSetting(
            f"{erased_list.FILE} names people who were erased after {file} was made, by a key “{LOOKUP_NAME}…” that is not "
            f"here: put address.keys of then into {settings.data_dir}."
        )
    erase_again(partial(storage.writing_to, backup.copy), lines, (chosen, *others))
    return lines


def _keys_here(settings: Settings) -> AddressKeys | None:
    text = key_texts(settings).get(ADDRESS_FILE)
    return None if text is None else AddressKeys.parse(text, address_keys_source(settings))


def _write_keys(settings: Settings, texts: dict[str, str]) -> None:
    here = key_texts(settings)
    for name, text in texts.items():
        if here.get(name) != text:
            path = settings.data_dir / name
            replace_key_file(path, text, path.with_name(f"{name}.before-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"))
