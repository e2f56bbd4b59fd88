"""What every action needs besides its arguments: the settings, the keys, the time, chance, versions and plugins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from commentsvc.cache.versions import Versions
from commentsvc.model import Clock, RandomBytes
from commentsvc.privacy.keys import AddressKeys, Keys
from commentsvc.settings import Settings

if TYPE_CHECKING:
    from commentsvc.screening.plugins import Plugin


@dataclass(frozen=True, slots=True)
class Service:
    """One running service. Made once, by `create_app`."""

    settings: Settings
    keys: Keys
    address_keys: AddressKeys
    now: Clock
    random_bytes: RandomBytes
    versions: Versions
    plugins: tuple[Plugin, ...] = ()
