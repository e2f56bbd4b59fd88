"""The networks that comments came from, as moderators see them and look for them."""

from __future__ import annotations

from ipaddress import ip_network

from commentsvc.messages import message
from commentsvc.moderation.blocks import as_clients_are_named
from commentsvc.privacy.keys import AddressKeys
from commentsvc.privacy.opening import UNREADABLE, open_address

PREFIX = {4: 24, 6: 48}  # bits of what is kept, by the version of IP
EXPECTED = message(
    "A network is an address, an IPv4 /24 or an IPv6 /48, such as 192.0.2.0/24 or 2001:db8::/48."
)


def opened_network(public_id: str, sealed: bytes | None, keys: AddressKeys) -> str | None:
    """The network that was kept of a comment; None where none was, or where it does not open."""
    network = UNREADABLE if sealed is None else open_address(sealed, public_id, keys)
    return None if network == UNREADABLE else network


def ends_of(network: str | None) -> tuple[str, ...]:
    """The first and the last address of a network; empty for None."""
    if network is None:
        return ()
    parsed = ip_network(network)
    return str(parsed[0]), str(parsed[-1])


def network_named(value: str) -> str:
    """Give the network that *value* names, or in which the address lies that it is, as it is kept.

    :raises ValueError: it is neither; the text says what it may be.
    """
    try:
        named = as_clients_are_named(ip_network(value.strip(), strict=False))
    except ValueError:
        raise ValueError(EXPECTED) from None
    size = PREFIX[named.version]
    if named.prefixlen not in {size, named.max_prefixlen}:
        raise ValueError(EXPECTED)
    return str(named.supernet(new_prefix=size))
