"""What every action needs besides its arguments: settings, database, keys, the time, chance, versions and plugins."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from commentsvc.cache.versions import Versions
from commentsvc.metrics import Metrics
from commentsvc.model import Clock, RandomBytes, Subject, Version, Versioned
from commentsvc.privacy.keys import AddressKeys, Keys
from commentsvc.settings import Settings
from commentsvc.storage.database import Database
from commentsvc.storage.replica import Replica
from commentsvc.storage.sqlite_files import BUSY_SECONDS
from commentsvc.storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from commentsvc.screening.plugins import Plugin

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Service:
    """One running service. Made once, by `create_app`."""

    settings: Settings
    database: Database
    keys: Keys
    address_keys: AddressKeys
    now: Clock
    random_bytes: RandomBytes
    versions: Versions
    metrics: Metrics
    plugins: tuple[Plugin, ...] = ()
    replica: Replica | None = None

    def unit_of_work(self, *, patience: float = BUSY_SECONDS) -> AbstractContextManager[UnitOfWork]:
        """One short transaction that writes; see `Database.unit_of_work`."""
        return self.database.unit_of_work(patience=patience)

    def reading(self) -> AbstractContextManager[UnitOfWork]:
        """One state of the database, to read; see `Database.reading`."""
        return self.database.reading()

    def versioned(self, work: UnitOfWork, subject: Subject, read: Callable[[UnitOfWork], T]) -> Versioned[T]:
        """Give what *read* gives of *subject*, with its version in the state of the database that *work* sees.

        It is read from the replica where that has the same version, so shows the same.
        """
        version = self.versions.within(work, subject)
        if self.replica is not None:
            copy = self.replica.read(lambda there: self._read_if_current(there, subject, version, read))
            if copy is not None:
                return copy
        return Versioned(read(work), subject, version)

    def _read_if_current(
        self, work: UnitOfWork, subject: Subject, version: Version, read: Callable[[UnitOfWork], T]
    ) -> Versioned[T] | None:
        if self.versions.within(work, subject) != version:
            return None
        return Versioned(read(work), subject, version)
