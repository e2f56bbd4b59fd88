"""Renew keys: add new ones before those that are there, and leave out those that nothing needs any more."""

from __future__ import annotations

import fcntl
import re
from collections.abc import Collection, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from commentsvc.errors import BadSetting
from commentsvc.model import KeyKind
from commentsvc.privacy.keys import (
    ADDRESS_FILE,
    LOOKUP_NAME,
    SECRET_FILE,
    WAITING,
    AddressKeys,
    Keys,
    address_keys_source,
    fresh_key,
    key_texts,
    replace_key_file,
    secret_source,
)
from commentsvc.records import StoredKey
from commentsvc.service import Service
from commentsvc.settings import PREFIX
from commentsvc.storage.unit_of_work import UnitOfWork

PURPOSES = (KeyKind.SEALING, KeyKind.LOOKUP, KeyKind.SECRET)


@dataclass(frozen=True, slots=True)
class Rotation:
    """Keys with new ones among them: a setting to set, or a file that was written and the copy of what it was."""

    setting: str
    text: str
    waits: bool
    written: Path | None = None
    former: Path | None = None


def rotate(service: Service, kinds: Collection[KeyKind]) -> list[Rotation]:
    """Renew keys of those kinds, in the files in which they lie; what comes by environment is only given.

    There a new key waits first, so that all nodes can know it before one uses it; asked again, it waits no more.

    :raises BadSetting: addresses are not all sealed again since the last time; or another process has changed the files.
    """
    with ExitStack() as held:
        for name in (ADDRESS_FILE, SECRET_FILE):
            file = service.settings.data_dir / name
            if file.exists():
                fcntl.flock(held.enter_context(file.open("rb")), fcntl.LOCK_EX)
        here = key_texts(service.settings)
        if _parsed(service, here) != (service.keys, service.address_keys):
            raise BadSetting("Another process has just renewed the keys; see “commentsvc keys list”.")
        with service.reading() as work:
            texts = _renewed(service, work, kinds, here)
        return [_put(service, name, text) for name, text in texts.items()]


def _parsed(service: Service, here: Mapping[str, str]) -> tuple[Keys, AddressKeys]:
    settings = service.settings
    return (
        Keys.parse(here[SECRET_FILE], secret_source(settings)),
        AddressKeys.parse(here[ADDRESS_FILE], address_keys_source(settings)),
    )


def _renewed(
    service: Service, work: UnitOfWork, kinds: Collection[KeyKind], here: Mapping[str, str]
) -> dict[str, str]:
    """The new texts, by the names of the key files; nothing is written yet."""
    texts = {}
    if of_addresses := [kind for kind in (KeyKind.SEALING, KeyKind.LOOKUP) if kind in kinds]:
        waits = service.settings.address_keys is not None
        text = _without_retired(here[ADDRESS_FILE], work, service.address_keys)
        for kind in of_addresses:
            text = _with_new_address_key(service, work, text, kind, waits=waits)
        texts[ADDRESS_FILE] = text
    if KeyKind.SECRET in kinds:
        texts[SECRET_FILE] = _with_new_secret(service, here[SECRET_FILE])
    return texts


def _put(service: Service, name: str, text: str) -> Rotation:
    setting = {ADDRESS_FILE: "ADDRESS_KEYS", SECRET_FILE: "SECRET_KEY"}[name]
    if getattr(service.settings, setting.lower()) is not None:
        return Rotation(PREFIX + setting, text, waits=text.startswith(WAITING))
    path = service.settings.data_dir / name
    former = path.with_name(f"{name}.before-{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}")
    replace_key_file(path, text, former)
    return Rotation(PREFIX + setting, text, False, path, former)


def _with_new_secret(service: Service, text: str) -> str:
    if service.keys.waiting is not None:
        return text.removeprefix(WAITING)
    waits = WAITING if service.settings.secret_key is not None else ""
    return f"{waits}{fresh_key(service.random_bytes)},{text}"


def _with_new_address_key(
    service: Service, work: UnitOfWork, text: str, kind: KeyKind, *, waits: bool
) -> str:
    """Add a key of that kind; where one waits, let it wait no more."""
    entries = text.split(",")
    waiting = [one for one in entries if one.startswith(WAITING) and _is_of(kind, _name(one))]
    if waiting:
        return ",".join(one.removeprefix(WAITING) if one in waiting else one for one in entries)
    known = work.service_keys.known(kind)
    if len(known) > 1:
        raise BadSetting(
            f"The older {kind} key is still needed: the job “reseal” has not ended (see “commentsvc job list”). "
            "Restart the service if it was not since; then try again."
        )
    prefix = LOOKUP_NAME if kind is KeyKind.LOOKUP else "k"
    names = [_name(one) for one in entries] + [key.name for key in _of_the_past(work)]
    name = prefix + str(1 + max((_number(one, prefix) for one in names), default=0))
    return f"{WAITING if waits else ''}{name}:{fresh_key(service.random_bytes)},{text}"


def _without_retired(text: str, work: UnitOfWork, keys: AddressKeys) -> str:
    """Leave out the keys that made nothing of what is stored now; the oldest stays while a key derived from it finds."""
    retired = {key.name for key in work.service_keys.known(KeyKind.RETIRED)}
    lookups = {key.name for key in work.service_keys.known(KeyKind.LOOKUP)}
    if "" in lookups:
        retired.discard(list(keys.sealing)[-1])
    spare = retired | ({name for name in keys.lookups if name} - lookups - keys.waiting - {keys.lookup_name})
    return ",".join(one for one in (part.strip() for part in text.split(",")) if _name(one) not in spare)


def _of_the_past(work: UnitOfWork) -> list[StoredKey]:
    kinds = (KeyKind.SEALING, KeyKind.LOOKUP, KeyKind.RETIRED)
    return [key for kind in kinds for key in work.service_keys.known(kind)]


def _is_of(kind: KeyKind, name: str) -> bool:
    return name.startswith(LOOKUP_NAME) == (kind is KeyKind.LOOKUP)


def _name(entry: str) -> str:
    return entry.removeprefix(WAITING).partition(":")[0]


def _number(name: str, prefix: str) -> int:
    match = re.fullmatch(rf"{prefix}(\d+)", name)
    return int(match[1]) if match else 0
