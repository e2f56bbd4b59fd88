"""What every action needs besides its arguments: settings, database, keys, the time, chance, versions and plugins."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from commentsvc.cache.versions import Versions
from commentsvc.metrics import Metrics
from commentsvc.model import Clock, RandomBytes
from commentsvc.privacy.keys import AddressKeys, Keys
from commentsvc.settings import Settings
from commentsvc.storage.database import BUSY_SECONDS, Database
from commentsvc.storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from commentsvc.screening.plugins import Plugin


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

    def unit_of_work(self, *, patience: float = BUSY_SECONDS) -> AbstractContextManager[UnitOfWork]:
        """One short transaction that writes; see `Database.unit_of_work`."""
        return self.database.unit_of_work(patience=patience)

    def reading(self) -> AbstractContextManager[UnitOfWork]:
        """One state of the database, to read; see `Database.reading`."""
        return self.database.reading()
