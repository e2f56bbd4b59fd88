"""Which hosts are this machine, or of a private network."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

# RFC 6761 §6.3, RFC 6762 §3, RFC 8375, and ICANN's resolution of 2024-07-29.
PRIVATE_DOMAINS = (".localhost", ".local", ".home.arpa", ".internal")
PRIVATE_NETWORKS = tuple(
    map(
        ip_network,
        (
            "127.0.0.0/8", "::1/128",
            "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7",  # RFC 1918, RFC 4193
            "169.254.0.0/16", "fe80::/10", "100.64.0.0/10",  # of one link, RFC 3927 and 4291; shared, RFC 6598
        ),
    )
)  # fmt: skip
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


def is_loopback(host: str) -> bool:
    """Whether *host* (a name or an address) is this machine alone."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_private(host: str) -> bool:
    """Whether *host* is of a private network or of this machine: nobody gives it a certificate.

    A name is, if it has one part or a domain that is never public.
    """
    try:
        address = ip_address(host)
    except ValueError:
        return "." not in host or host.endswith(PRIVATE_DOMAINS)
    return any(address in network for network in PRIVATE_NETWORKS)
