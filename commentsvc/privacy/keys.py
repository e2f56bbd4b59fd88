"""The keys of the service: where they lie, and the ones derived from them.

They live in the data directory, each in a file that its owner alone may read, or come by
environment; never in the database, so that a copy of the database alone opens no address.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from commentsvc.errors import BadSetting
from commentsvc.model import RandomBytes
from commentsvc.records import StoredKey
from commentsvc.settings import PREFIX, Settings
from commentsvc.storage.database import Database

KEY_BYTES = 32
CHECK_BYTES = 16  # of a key that nobody can try through: they tell nothing of it, and it from all others
SECRET_FILE = "secret.key"  # noqa: S105 - the name of a file
ADDRESS_FILE = "address.keys"


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys derived from the one secret (HKDF, RFC 5869), one for each purpose.

    What *older* secrets signed is still good: a secret is changed by putting a new one before it.
    """

    secret: bytes
    older: tuple[bytes, ...] = ()

    @classmethod
    def parse(cls, text: str, source: str) -> Keys:
        """Read the secrets, newest first, with commas between.

        :raises BadSetting: one is empty; *source* says where it comes from.
        """
        newest, *older = (secret.strip().encode() for secret in text.split(","))
        if not all((newest, *older)):  # anybody could sign with nothing
            raise BadSetting(f"There is an empty secret in {source}; remove its comma.")
        return cls(newest, tuple(older))

    def derive(self, purpose: str, length: int = KEY_BYTES) -> bytes:
        """Give *length* bytes that stand for *purpose* and tell nothing of any other."""
        return _derived(self.secret, purpose, length)

    def sign(self, purpose: str, message: str) -> str:
        """Give a signature over *message*: 128 bits, as 22 URL-safe characters."""
        digest = hmac.digest(self.derive(purpose), message.encode(), hashlib.sha256)
        return urlsafe_b64encode(digest[:16]).decode().rstrip("=")

    def each(self) -> Iterator[Keys]:
        """Give the keys of each secret alone, newest first."""
        return map(Keys, (self.secret, *self.older))

    def is_signature(self, purpose: str, message: str, signature: str) -> bool:
        """Whether `sign` gave *signature*, with any of the secrets."""
        signed = [keys.sign(purpose, message).encode() for keys in self.each()]
        given = signature.encode(errors="replace")
        return any(hmac.compare_digest(one, given) for one in signed)

    def identities(self) -> list[StoredKey]:
        """What tells each secret from others, newest first."""
        return [StoredKey("", _check_value(keys.secret)) for keys in self.each()]


@dataclass(frozen=True, slots=True)
class AddressKeys:
    """The keys that seal e-mail addresses, by name; `current` seals, all of them open.

    `lookup` makes the keyed hash by which moderators find an address. It is derived from
    the first key that was made (the last of the list), so that it stays when keys rotate.
    """

    current: str
    sealing: dict[str, bytes]
    lookup: bytes

    def identities(self) -> list[StoredKey]:
        """What tells each sealing key from others, oldest first."""
        return [StoredKey(name, _check_value(key)) for name, key in reversed(self.sealing.items())]

    def lookup_identity(self) -> StoredKey:
        """What tells the key of the keyed hashes from others."""
        return StoredKey("", _check_value(self.lookup))

    @classmethod
    def parse(cls, text: str) -> AddressKeys:
        """Read `NAME:KEY, …`; the first seals from now on.

        :raises BadSetting: a key is not 32 bytes in URL-safe Base64.
        """
        sealing: dict[str, bytes] = {}
        for part in text.strip().split(","):
            name, _, encoded = part.strip().partition(":")
            try:
                key = urlsafe_b64decode(encoded.rstrip("=") + "=")
            except ValueError:
                key = b""
            if len(key) != KEY_BYTES or not name:
                raise BadSetting(f"The address key “{name}” must be 32 bytes in URL-safe Base64.")
            if name in sealing:
                raise BadSetting(
                    f"The address key “{name}” stands there twice; each needs a NAME of its own."
                )
            sealing[name] = key
        names = list(sealing)
        oldest = Keys(sealing[names[-1]])
        return cls(names[0], sealing, oldest.derive("address lookup"))


def load_keys(
    settings: Settings, database: Database, random_bytes: RandomBytes = os.urandom
) -> tuple[Keys, AddressKeys]:
    """Give the service's keys, and make those that are neither set nor there yet.

    :raises BadSetting: a key file cannot be read or made, or holds no key; or it is missing, and
        the database is used with keys already.
    """
    missing = missing_keys(settings)
    if missing and database.has_keys():
        raise BadSetting(
            f"Missing: {' and '.join(map(str, missing))}, and this database is used with the keys that were there. "
            "Restore them from a backup."
        )
    secrets = settings.secret_key or _kept(settings.data_dir / SECRET_FILE, _encode(random_bytes(KEY_BYTES)))
    addresses = settings.address_keys or _kept(
        settings.data_dir / ADDRESS_FILE, "k1:" + _encode(random_bytes(KEY_BYTES))
    )
    return Keys.parse(secrets, secret_source(settings)), AddressKeys.parse(addresses)


def key_texts(settings: Settings) -> dict[str, str]:
    """What the settings and the key files say, by the names of the files; what is missing is left out."""
    chosen = {SECRET_FILE: settings.secret_key, ADDRESS_FILE: settings.address_keys}
    files = {name: settings.data_dir / name for name in chosen}
    return {
        name: text or _content(files[name]) for name, text in chosen.items() if text or files[name].exists()
    }


def replace_key_file(path: Path, text: str, former: Path) -> None:
    """Write *text* into a key file; one that is there stays, as *former*."""
    if path.exists():
        path.rename(former)
    _kept(path, text)


def address_keys_source(settings: Settings) -> str:
    """Where the keys that seal addresses come from, in the operator's words."""
    return f"{PREFIX}ADDRESS_KEYS" if settings.address_keys else str(settings.data_dir / ADDRESS_FILE)


def secret_source(settings: Settings) -> str:
    """Where the secret comes from, in the operator's words."""
    return f"{PREFIX}SECRET_KEY" if settings.secret_key else str(settings.data_dir / SECRET_FILE)


def order_fault(known: Sequence[StoredKey], ours: Sequence[StoredKey]) -> str | None:
    """Say how *ours* differ from the keys that are *known*; new ones may follow. Both oldest first."""
    here = dict(ours)
    for name, check_value in known:
        if name not in here:
            return (
                f"the key “{name}”, which this database is used with, is missing; restore it from a backup."
            )
        if here[name] != check_value:
            return (
                f"the key “{name}” is not the one of that name that this database is used with; "
                "restore that from a backup, and give a new key another name."
            )
    if list(ours[: len(known)]) != list(known):
        order = ",".join(name for name, _ in reversed(known))
        return (
            f"the keys stand in another order than this database is used with: {order}, new ones before them."
        )
    return None


def _check_value(key: bytes) -> bytes:
    return Keys(key).derive("check value", CHECK_BYTES)


@lru_cache(maxsize=64)
def _derived(secret: bytes, purpose: str, length: int) -> bytes:
    return HKDF(SHA256(), length, salt=None, info=b"commentsvc " + purpose.encode()).derive(secret)


def missing_keys(settings: Settings) -> list[Path]:
    """The key files that neither are there nor are replaced by a setting: the next start makes new keys."""
    needed = ((settings.secret_key, SECRET_FILE), (settings.address_keys, ADDRESS_FILE))
    files = [settings.data_dir / name for setting, name in needed if setting is None]
    return [file for file in files if not file.exists()]


def _encode(key: bytes) -> str:
    return urlsafe_b64encode(key).decode()


def _kept(path: Path, fresh: str) -> str:
    """Give what the file at *path* holds; where there is none, *fresh* becomes its content.

    Several processes may start at once: the file appears whole or not at all, and all of
    them read the one that came first.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            draft = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(fresh + "\n")
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(draft, path)
            except FileExistsError:
                pass  # another process was first: its key is the one
            finally:
                draft.unlink()
    except OSError as why:
        raise BadSetting(f"The key file {path} cannot be used: {why}.") from None
    return _content(path)


def _content(path: Path) -> str:
    try:
        content = path.read_text(encoding="utf-8-sig").strip()
        content.encode("ascii")
    except (OSError, UnicodeError) as why:
        raise BadSetting(f"The key file {path} cannot be used: {why}.") from None
    if not content:
        raise BadSetting(f"The key file {path} is empty; restore it from a backup.")
    return content
