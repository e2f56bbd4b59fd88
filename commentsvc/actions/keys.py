"""Keep keys and database together: a node that has other keys must not serve."""

from __future__ import annotations

from commentsvc.errors import BadSetting
from commentsvc.model import KeyKind
from commentsvc.moderation import addresses
from commentsvc.privacy.keys import AddressKeys, Keys, address_keys_source, order_fault, secret_source
from commentsvc.records import StoredKey
from commentsvc.service import Service
from commentsvc.settings import Settings
from commentsvc.storage.database import retried
from commentsvc.storage.unit_of_work import UnitOfWork


def settle(service: Service) -> None:
    """Compare the keys that are here with those of the database, and let it know new ones.

    :raises BadSetting: one that the database is used with is missing, another, or in another place.
    """
    with service.reading() as work:
        fault = fault_of(service, work)
        are_known = _are_known(service, work)
    if fault:
        raise BadSetting(fault)
    if not are_known:
        _learn(service)


def fault_of(service: Service, work: UnitOfWork) -> str | None:
    """Say what is wrong with the keys of this service; None if nothing is."""
    return keys_fault(service.settings, service.keys, service.address_keys, work)


def keys_fault(settings: Settings, keys: Keys, address_keys: AddressKeys, work: UnitOfWork) -> str | None:
    """Say what is wrong with the keys that are here, and what to do; None if nothing is."""
    sealing = work.service_keys.known(KeyKind.SEALING)
    source = address_keys_source(settings)
    if not sealing and not addresses.all_can_be_read(work, address_keys):
        return (
            f"The keys in {source} are not those that sealed the addresses in this database; "
            "put those back from a backup."
        )
    if fault := order_fault(sealing, address_keys.identities()):
        return f"{source}: {fault}"
    lookup = work.service_keys.known(KeyKind.LOOKUP)
    if lookup and lookup != [address_keys.lookup_identity()]:
        return f"{source}: addresses in this database are found by another key than the last one here."
    secret = work.service_keys.known(KeyKind.SECRET)
    if secret and secret[0] not in keys.identities():
        return (
            f"The secret in {secret_source(settings)} is not the one that this database is used with; "
            "restore that from a backup. To change it, put the new one before it: NEW,OLD."
        )
    return None


def list_keys(service: Service, work: UnitOfWork) -> list[tuple[KeyKind, str, str]]:
    """Give the kind and name of each key that the database is used with, newest first, and whether it is here."""
    here = {
        KeyKind.SEALING: service.address_keys.identities(),
        KeyKind.LOOKUP: [service.address_keys.lookup_identity()],
        KeyKind.SECRET: service.keys.identities(),
    }
    return [
        (kind, key.name, "here" if key in ours else "missing or another")
        for kind, ours in here.items()
        for key in reversed(work.service_keys.known(kind))
    ]


@retried
def accept(service: Service) -> None:
    """Let the database take the keys that are here for its own, whatever it was used with before."""
    with service.unit_of_work() as work:
        for kind in KeyKind:
            work.service_keys.forget(kind)
        for kind, keys in _ours(service).items():
            work.service_keys.learn(kind, keys)


@retried
def _learn(service: Service) -> None:
    with service.unit_of_work() as work:
        if set(work.service_keys.known(KeyKind.SECRET)) & set(service.keys.identities()[1:]):
            work.service_keys.forget(KeyKind.SECRET)  # a newer one takes its place
        for kind, keys in _ours(service).items():
            work.service_keys.learn(kind, keys)
        # Another node may have been first, with other keys: this one has to be as that.
        if fault := fault_of(service, work):
            raise BadSetting(fault)


def _are_known(service: Service, work: UnitOfWork) -> bool:
    return all(work.service_keys.known(kind) == keys for kind, keys in _ours(service).items())


def _ours(service: Service) -> dict[KeyKind, list[StoredKey]]:
    return {
        KeyKind.SEALING: service.address_keys.identities(),
        KeyKind.LOOKUP: [service.address_keys.lookup_identity()],
        KeyKind.SECRET: service.keys.identities()[:1],
    }
