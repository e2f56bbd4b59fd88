"""The networks that a client is counted as."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commentsvc.rate_limits.networks import network_of, network_of_log, networks_of, without_port

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("address", "networks"),
    [
        ("192.0.2.1", ("192.0.2.1",)),
        ("::ffff:192.0.2.1", ("192.0.2.1",)),
        ("192.0.2.1:4711", ("192.0.2.1",)),
        ("2001:db8:1:234::5", ("2001:db8:1:234::/64", "2001:db8:1:200::/56", "2001:db8:1::/48")),
        ("[2001:db8:1:234::5]:4711", ("2001:db8:1:234::/64", "2001:db8:1:200::/56", "2001:db8:1::/48")),
        ("fe80::1%eth0", ("fe80::/64", "fe80::/56", "fe80::/48")),
        ("", ("unknown",)),
        ("unix:", ("unknown",)),
        ("192.0.2.1, 192.0.2.2", ("unknown",)),
    ],
)
def test_a_client_is_its_address_or_its_networks(address: str, networks: tuple[str, ...]) -> None:
    assert networks_of(address) == networks
    assert network_of(address) == networks[0]


@given(st.ip_addresses())
def test_every_network_holds_the_address_and_the_one_before(address: IPv4Address | IPv6Address) -> None:
    networks = [ip_network(network) for network in networks_of(str(address))]

    mapped = getattr(address, "ipv4_mapped", None) or address
    assert all(mapped in network for network in networks)
    assert [network.prefixlen for network in networks] in ([32], [64, 56, 48])


@given(st.ip_addresses() | st.text(max_size=40))
def test_a_log_names_a_network_of_many_people(address: object) -> None:
    network = network_of_log(str(address))

    assert network == "unknown" or ip_network(network).prefixlen in {24, 48}


@given(st.ip_addresses(), st.integers(0, 65535))
def test_a_port_is_no_part_of_an_address(address: IPv4Address | IPv6Address, port: int) -> None:
    written = f"[{address}]:{port}" if address.version == 6 else f"{address}:{port}"

    assert ip_address(without_port(written)) == address
    assert ip_address(without_port(str(address))) == address
