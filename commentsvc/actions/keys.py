"""Keep keys and database together: a node that has other keys must not serve."""

from __future__ import annotations

from commentsvc.errors import BadSetting
from commentsvc.model import KeyKind
from commentsvc.moderation import addresses
from commentsvc.privacy.keys import AddressKeys, Keys, address_keys_source, order_fault, secret_source
from commentsvc.privacy.sealing import header
from commentsvc.records import StoredKey
from commentsvc.service import Service
from commentsvc.settings import Settings
from commentsvc.storage.retries import retried
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
    retired = work.service_keys.known(KeyKind.RETIRED)
    source = address_keys_source(settings)
    if not sealing and not addresses.all_can_be_read(work, address_keys):
        return (
            f"The keys in {source} are not those that sealed the addresses in this database; "
            "put those back from a backup."
        )
    ours = address_keys.identities()
    if fault := order_fault(sealing, [key for key in ours if key in sealing or key not in retired]):
        return f"{source}: {fault}"
    for key in retired:
        if key not in ours and (count := work.addresses.count_beginning(header(key.name))):
            return (
                f"{source}: the key “{key.name}” is missing, and sealed {count} addresses after it was replaced; "
                "restore it, and the next start seals them again."
            )
    if not set(work.service_keys.known(KeyKind.LOOKUP)) <= set(address_keys.lookup_identities()):
        return f"{source}: addresses in this database are found by another key than the last one here."
    secret = work.service_keys.known(KeyKind.SECRET)
    if secret and secret[0] not in keys.identities():
        return (
            f"The secret in {secret_source(settings)} is not the one that this database is used with; "
            "restore that from a backup. To change it, put the new one before it: NEW,OLD."
        )
    return None


def list_keys(service: Service, work: UnitOfWork) -> list[tuple[KeyKind, str, str]]:
    """Give the kind and name of each key, newest first, and whether it is here and needed.

    Needed are those that the database is used with; of the others only those that are here are told.
    """
    here = {
        KeyKind.SEALING: service.address_keys.identities(),
        KeyKind.LOOKUP: service.address_keys.lookup_identities(),
        KeyKind.SECRET: service.keys.identities()[::-1],
    }
    listed = []
    for kind, ours in here.items():
        known = work.service_keys.known(kind)
        listed += [(kind, key.name, "missing or another") for key in reversed(known) if key not in ours]
        listed += [
            (kind, key.name, "here" if key in known else _why_here(service, work, kind, key))
            for key in reversed(ours)
            if key in known or key.name or kind is not KeyKind.LOOKUP  # one derived is here in any case
        ]
    return listed


def is_replaced(service: Service, work: UnitOfWork) -> bool:
    """Whether the newest keys are those that this service uses, and older ones may have made what is stored."""
    return is_newest(service, work) and bool(
        len(work.service_keys.known(KeyKind.SEALING)) > 1
        or len(work.service_keys.known(KeyKind.LOOKUP)) > 1
        or work.service_keys.known(KeyKind.RETIRED)
    )


def is_newest(service: Service, work: UnitOfWork) -> bool:
    """Whether no node uses newer keys for addresses than this one."""
    ours = (service.address_keys.current_identity(), service.address_keys.lookup_identity())
    newest = (work.service_keys.known(kind)[-1:] for kind in (KeyKind.SEALING, KeyKind.LOOKUP))
    return all(known == [key] for known, key in zip(newest, ours, strict=True))


def retire_older(service: Service, work: UnitOfWork) -> None:
    """Store that the keys which this service uses made all that is stored of addresses."""
    older = work.service_keys.known(KeyKind.SEALING)[:-1]
    retired = work.service_keys.known(KeyKind.RETIRED)
    _replace(work, KeyKind.RETIRED, [*retired, *(key for key in older if key not in retired)])
    _replace(work, KeyKind.SEALING, [service.address_keys.current_identity()])
    _replace(work, KeyKind.LOOKUP, [service.address_keys.lookup_identity()])


def _why_here(service: Service, work: UnitOfWork, kind: KeyKind, key: StoredKey) -> str:
    """Why a key is here that the database is not used with."""
    if kind is KeyKind.SECRET:
        if key == service.keys.waiting_identity():
            return "waiting"
        return "new" if key == service.keys.identities()[0] else "old, still accepted"
    if key.name in service.address_keys.waiting:
        return "waiting"
    is_new = key not in work.service_keys.known(KeyKind.RETIRED) and key in (
        service.address_keys.current_identity(),
        service.address_keys.lookup_identity(),
    )
    return "new" if is_new else "no longer needed"


@retried
def accept(service: Service) -> None:
    """Let the database take the keys that are here for its own, whatever it was used with before."""
    with service.unit_of_work() as work:
        for kind in KeyKind:
            work.service_keys.forget(kind)
        for kind, keys in _to_know(service, work).items():
            work.service_keys.learn(kind, keys)


@retried
def _learn(service: Service) -> None:
    with service.unit_of_work() as work:
        if fault := fault_of(service, work):  # before what is known is exchanged
            raise BadSetting(fault)
        for kind, keys in _to_know(service, work).items():
            _replace(work, kind, keys)
        # Another node may have been first, with other keys: this one has to be as that.
        if fault := fault_of(service, work):
            raise BadSetting(fault)


def _replace(work: UnitOfWork, kind: KeyKind, keys: list[StoredKey]) -> None:
    known = work.service_keys.known(kind)
    if keys[: len(known)] != known:
        work.service_keys.forget(kind)
    work.service_keys.learn(kind, keys)


def _are_known(service: Service, work: UnitOfWork) -> bool:
    return all(work.service_keys.known(kind) == keys for kind, keys in _to_know(service, work).items())


def _to_know(service: Service, work: UnitOfWork) -> dict[KeyKind, list[StoredKey]]:
    """The keys that the database is used with once this service uses it, oldest first.

    One that waits is not among them before another node uses it, nor is one that was replaced.
    """
    ours = service.address_keys
    retired = work.service_keys.known(KeyKind.RETIRED)
    sealing = work.service_keys.known(KeyKind.SEALING)
    lookup = work.service_keys.known(KeyKind.LOOKUP)
    secret = work.service_keys.known(KeyKind.SECRET)
    to_seal = [
        key
        for key in ours.identities()
        if key in sealing
        or key == ours.current_identity()
        or (key.name not in ours.waiting and key not in retired)
    ]
    return {
        KeyKind.SEALING: to_seal,
        KeyKind.LOOKUP: [
            key for key in ours.lookup_identities() if key in lookup or key == ours.lookup_identity()
        ],
        KeyKind.SECRET: secret
        if secret == [service.keys.waiting_identity()]
        else service.keys.identities()[:1],
        KeyKind.RETIRED: [key for key in retired if key in ours.identities() and key not in to_seal],
    }
