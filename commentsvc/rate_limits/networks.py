"""The networks that a client is counted as.

An IPv4 address is one client. Of IPv6 a provider gives each customer a /64 at least, often a /56
or a /48 (RFC 6177), in which 65,536 networks can be had for nothing; so these are counted too.
"""

from __future__ import annotations

from ipaddress import IPv4Address, ip_address, ip_network

UNKNOWN = "unknown"  # all that is no address counts as one client
IPV6_PREFIXES = (64, 56, 48)


def networks_of(address: str) -> tuple[str, ...]:
    """The networks that count as this client, from the narrowest to the widest.

    An IPv4 address is its only one; an IPv6 address has its /64, /56 and /48.
    """
    try:
        parsed = ip_address(without_port(address).partition("%")[0])
    except ValueError:
        return (UNKNOWN,)
    if not isinstance(parsed, IPv4Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    if isinstance(parsed, IPv4Address):
        return (str(parsed),)
    return tuple(str(ip_network((parsed, prefix), strict=False)) for prefix in IPV6_PREFIXES)


def network_of(address: str) -> str:
    """The narrowest of them: an IPv4 address, or an IPv6 /64."""
    return networks_of(address)[0]


def network_of_log(address: str) -> str:
    """The network that a log may name: an IPv4 /24 or an IPv6 /48, of which no person is left."""
    widest = networks_of(address)[-1]
    if widest == UNKNOWN or ":" in widest:
        return widest
    return str(ip_network((widest, 24), strict=False))


def without_port(address: str) -> str:
    """The IP address alone, where a proxy sent `192.0.2.1:4711` or `[2001:db8::1]:4711`."""
    if address.startswith("["):
        return address[1:].partition("]")[0]
    return address.partition(":")[0] if address.count(":") == 1 else address
