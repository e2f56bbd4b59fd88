"""Blocks: rules that moderators set, checked and put into their one spelling."""

from __future__ import annotations

from datetime import datetime
from ipaddress import IPv4Network, IPv6Network, ip_network

from commentsvc.ids import fresh_id
from commentsvc.messages import message
from commentsvc.model import Block, BlockKind
from commentsvc.privacy.keys import AddressKeys
from commentsvc.privacy.opening import open_address
from commentsvc.privacy.sealing import seal
from commentsvc.records import NewBlock, StoredBlock
from commentsvc.storage.unit_of_work import UnitOfWork
from commentsvc.unicode_text import ascii_host, is_visible

MAPPED = IPv6Network("::ffff:0:0/96")
LONGEST_WORD = 100  # characters
LONGEST_NOTE = 500
LONGEST_ADDRESS = 320
LONGEST_AUTHOR_ID = 22


def normalised(kind: BlockKind, value: str) -> str:
    """Give *value* in the spelling in which it is compared.

    :raises ValueError: it is none of that kind; the text says what it may be.
    """
    value = value.strip()
    match kind:
        case BlockKind.RANGE:
            try:
                return str(as_clients_are_named(ip_network(value, strict=False)))
            except ValueError:
                raise ValueError(
                    message("A range is an address or a network, such as 192.0.2.0/24.")
                ) from None
        case BlockKind.WORD:
            if len(value) > LONGEST_WORD or not any(map(is_visible, value)):
                raise ValueError(
                    message(
                        "A word or phrase has 1 to %(most)s characters that can be seen.", most=LONGEST_WORD
                    )
                )
        case BlockKind.DOMAIN:
            value = ascii_host(value.removeprefix("*."))
            if not value or any(c in value for c in "/:@ ") or len(value) > 253:
                raise ValueError(message("A domain is a host name, such as spam.example."))
        case BlockKind.EMAIL:
            if "@" not in value.strip("@") or len(value) > LONGEST_ADDRESS:
                raise ValueError(message("An e-mail address has an @-sign with something on both sides."))
        case BlockKind.AUTHOR:
            if not 1 <= len(value) <= LONGEST_AUTHOR_ID or not value.isprintable():
                raise ValueError(message("An author is named by the author_id of one of their comments."))
    return value


def as_clients_are_named(network: IPv4Network | IPv6Network) -> IPv4Network | IPv6Network:
    """Clients of IPv4 are compared as such, and so is a network of mapped addresses (RFC 4291 §2.5.5.2)."""
    if isinstance(network, IPv4Network) or not network.subnet_of(MAPPED):
        return network
    return IPv4Network((int(network.network_address) & 0xFFFFFFFF, network.prefixlen - MAPPED.prefixlen))


def create(work: UnitOfWork, new: NewBlock, keys: AddressKeys, now: datetime) -> str:
    """Set a block whose value is normalised; give its id."""
    public_id = fresh_id()
    address = seal(new.value, public_id, keys) if new.kind is BlockKind.EMAIL else None
    work.blocks.add(
        new, public_id, address.sealed if address else None, address.lookup if address else None, now
    )
    return public_id


def visible(work: UnitOfWork, sites: frozenset[int] | None, keys: AddressKeys) -> list[Block]:
    """The blocks of those sites, or of all."""
    return [opened(block, keys) for block in work.blocks.visible(sites)]


def opened(block: StoredBlock, keys: AddressKeys) -> Block:
    """A block as moderators see it, with its address if it is on one."""
    value = open_address(block.sealed, block.public_id, keys) if block.sealed else block.value or ""
    return Block(
        block.public_id,
        block.kind,
        value,
        block.action,
        block.site,
        block.until,
        block.note,
        block.created_at,
    )
