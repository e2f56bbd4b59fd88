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
WAITING = "+"  # before a key that all nodes are to know before one uses it
LOOKUP_NAME = "lookup-"  # how the name of a key begins that makes keyed hashes
MOST_LOOKUPS = 2  # each is one more value that an index is asked for, by every post
CHECK_BYTES = 16  # of a key that nobody can try through: they tell nothing of it, and it from all others
SECRET_FILE = "secret.key"  # noqa: S105 - the name of a file
ADDRESS_FILE = "address.keys"


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys derived from the one secret (HKDF, RFC 5869), one for each purpose.

    What *older* secrets signed is still good: a secret is changed by putting a new one before it. What the
    one that is *waiting* signed is good too: it is known here before it signs, as another node may begin with it.
    """

    secret: bytes
    older: tuple[bytes, ...] = ()
    waiting: bytes | None = None

    @classmethod
    def parse(cls, text: str, source: str) -> Keys:
        """Read the secrets, newest first, with commas between; a `+` before the newest lets it wait.

        One that stands alone cannot wait: a `+` there is its own first character.

        :raises BadSetting: one is empty; *source* says where it comes from.
        """
        newest, *older = (secret.strip().encode() for secret in text.split(","))
        waiting = (
            newest.removeprefix(WAITING.encode()) if older and newest.startswith(WAITING.encode()) else None
        )
        if not all((newest, *older)) or waiting == b"":  # anybody could sign with nothing
            raise BadSetting(f"There is an empty secret in {source}; remove its comma.")
        if waiting is None:
            return cls(newest, tuple(older))
        return cls(older[0], tuple(older[1:]), waiting)

    def derive(self, purpose: str, length: int = KEY_BYTES) -> bytes:
        """Give *length* bytes that stand for *purpose* and tell nothing of any other."""
        return _derived(self.secret, purpose, length)

    def sign(self, purpose: str, message: str) -> str:
        """Give a signature over *message*: 128 bits, as 22 URL-safe characters."""
        digest = hmac.digest(self.derive(purpose), message.encode(), hashlib.sha256)
        return urlsafe_b64encode(digest[:16]).decode().rstrip("=")

    def each(self) -> Iterator[Keys]:
        """Give the keys of each secret alone, the one that signs first."""
        waiting = () if self.waiting is None else (self.waiting,)
        return map(Keys, (self.secret, *waiting, *self.older))

    def derive_each(self, purpose: str, length: int = KEY_BYTES) -> list[bytes]:
        """Give what stands for *purpose* under each secret, the one that signs first."""
        return [keys.derive(purpose, length) for keys in self.each()]

    def is_signature(self, purpose: str, message: str, signature: str) -> bool:
        """Whether `sign` gave *signature*, with any of the secrets."""
        signed = [keys.sign(purpose, message).encode() for keys in self.each()]
        given = signature.encode(errors="replace")
        return any(hmac.compare_digest(one, given) for one in signed)

    def identities(self) -> list[StoredKey]:
        """What tells each secret from others, the one that signs first."""
        return [StoredKey("", _check_value(keys.secret)) for keys in self.each()]

    def waiting_identity(self) -> StoredKey | None:
        """What tells the secret that waits from others, if there is one."""
        return None if self.waiting is None else StoredKey("", _check_value(self.waiting))


@dataclass(frozen=True, slots=True)
class AddressKeys:
    """The keys that seal e-mail addresses, by name, newest first; `current` seals, all of them open.

    `lookups` make the keyed hashes by which an address is found, newest first: at most two, `lookup` and one
    that is older, or that waits. Until a key of its own was made for that, it is one derived from the oldest
    that seals, without a name. `waiting` are those that open and find, and are not used otherwise yet.
    """

    current: str
    sealing: dict[str, bytes]
    lookup_name: str
    lookups: dict[str, bytes]
    waiting: frozenset[str] = frozenset()

    @property
    def lookup(self) -> bytes:
        """The key that makes the keyed hash of an address that is stored now."""
        return self.lookups[self.lookup_name]

    def identities(self) -> list[StoredKey]:
        """What tells each sealing key from others, oldest first."""
        return _identities(self.sealing)

    def lookup_identities(self) -> list[StoredKey]:
        """What tells each key of the keyed hashes from others, oldest first."""
        return _identities(self.lookups)

    def fingerprint(self) -> str:
        """What tells the two keys that are used now from all others, as 16 characters."""
        both = self.current_identity().check_value + self.lookup_identity().check_value
        return hashlib.sha256(both).hexdigest()[:16]

    def current_identity(self) -> StoredKey:
        """What tells the key that seals from others."""
        return StoredKey(self.current, _check_value(self.sealing[self.current]))

    def lookup_identity(self) -> StoredKey:
        """What tells the key of the keyed hashes that are stored now from others."""
        return StoredKey(self.lookup_name, _check_value(self.lookup))

    @classmethod
    def parse(cls, text: str, source: str) -> AddressKeys:
        """Read `NAME:KEY, …`, newest first; of those without a `+` before them, the first is used from now on.

        A name that begins with `lookup-` is that of a key for keyed hashes, any other that of one that seals.

        :raises BadSetting: a key is not 32 bytes in URL-safe Base64; or there are none to use, or too many;
            *source* says where they come from.
        """
        keys: dict[str, bytes] = {}
        waiting: set[str] = set()
        for part in text.strip().split(","):
            name, _, encoded = part.strip().removeprefix(WAITING).partition(":")
            try:
                key = urlsafe_b64decode(encoded.rstrip("=") + "=")
            except ValueError:
                key = b""
            if len(key) != KEY_BYTES or not name:
                raise BadSetting(f"The address key “{name}” must be 32 bytes in URL-safe Base64.")
            if name in keys:
                raise BadSetting(
                    f"The address key “{name}” stands there twice; each needs a NAME of its own."
                )
            keys[name] = key
            if part.strip().startswith(WAITING):
                waiting.add(name)
        sealing = {name: key for name, key in keys.items() if not name.startswith(LOOKUP_NAME)}
        lookups = {name: key for name, key in keys.items() if name.startswith(LOOKUP_NAME)}
        if len(lookups) > MOST_LOOKUPS:
            raise BadSetting(
                f"There are {len(lookups)} address keys “{LOOKUP_NAME}…”: {', '.join(lookups)}. "
                f"Remove those that “commentsvc keys list” does not need; {MOST_LOOKUPS} may stand there."
            )
        if sealing and len(lookups) < MOST_LOOKUPS:
            lookups[""] = Keys(list(sealing.values())[-1]).derive("address lookup")
        current = next((name for name in sealing if name not in waiting), None)
        lookup_name = next((name for name in lookups if name not in waiting), None)
        if current is None or lookup_name is None:
            raise BadSetting(
                f"There is no key in {source} to {'find' if current else 'seal'} addresses with; "
                "restore it from a backup, or let one that waits be used: remove the “+” before it."
            )
        return cls(current, sealing, lookup_name, lookups, frozenset(waiting))


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
    return Keys.parse(secrets, secret_source(settings)), AddressKeys.parse(
        addresses, address_keys_source(settings)
    )


def key_texts(settings: Settings) -> dict[str, str]:
    """What the settings and the key files say, by the names of the files; what is missing is left out."""
    chosen = {SECRET_FILE: settings.secret_key, ADDRESS_FILE: settings.address_keys}
    files = {name: settings.data_dir / name for name in chosen}
    return {
        name: text or _content(files[name]) for name, text in chosen.items() if text or files[name].exists()
    }


def replace_key_file(path: Path, text: str, former: Path) -> None:
    """Write *text* into a key file; one that is there stays, as *former*."""
    try:
        if path.exists():
            os.link(path, former)
        _draft(path, text).replace(path)
    except OSError as why:
        raise BadSetting(f"The key file {path} cannot be used: {why}.") from None


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


def fresh_key(random_bytes: RandomBytes) -> str:
    """A new key: 32 bytes in URL-safe Base64."""
    return _encode(random_bytes(KEY_BYTES))


def _identities(keys: dict[str, bytes]) -> list[StoredKey]:
    return [StoredKey(name, _check_value(key)) for name, key in reversed(keys.items())]


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
            draft = _draft(path, fresh)
            try:
                os.link(draft, path)
            except FileExistsError:
                pass  # another process was first: its key is the one
            finally:
                draft.unlink()
    except OSError as why:
        raise BadSetting(f"The key file {path} cannot be used: {why}.") from None
    return _content(path)


def _draft(path: Path, text: str) -> Path:
    """Write a file beside *path* that can take its place, and give it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    return draft


def _content(path: Path) -> str:
    try:
        content = path.read_text(encoding="utf-8-sig").strip()
        content.encode("ascii")
    except (OSError, UnicodeError) as why:
        raise BadSetting(f"The key file {path} cannot be used: {why}.") from None
    if not content:
        raise BadSetting(f"The key file {path} is empty; restore it from a backup.")
    return content
