"""Which addresses are public: the special ones of the registries are not, whatever they are wrapped in."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cowork.web.addresses import is_public

PRIVATE_V4 = (
    "0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.255 127.0.0.1 127.255.255.254 169.254.169.254 172.16.0.1 "
    "172.31.255.255 192.0.0.1 192.0.0.170 192.0.2.1 192.88.99.1 192.168.0.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 "
    "224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255"
).split()
PUBLIC_V4 = (
    "1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.1 100.63.255.255 100.128.0.1 126.255.255.255 128.0.0.1 169.253.255.255 "
    "172.15.255.255 172.32.0.1 192.0.1.1 192.167.255.255 192.169.0.1 198.17.255.255 198.20.0.1 223.255.255.255"
).split()
PRIVATE_V6 = (
    ":: ::1 ::2 64:ff9b:1::1 100::1 2001::1 2001:2::1 2001:10::1 2001:db8::1 3fff::1 3ffe::1 4000::1 5f00::1 fc00::1 "
    "fd00:ec2::254 fe80::1 fe80::1%eth0 fec0::1 ff02::1 2606:4700::5efe:10.0.0.1 2606:4700::200:5efe:127.0.0.1"
).split()
PUBLIC_V6 = "2606:4700:4700::1111 2a00:1450:4001:800::200e 2400:cb00::1 64:ff9b::8.8.8.8 2002:808:808::1".split()


@pytest.mark.parametrize("address", [*PRIVATE_V4, *PRIVATE_V6])
def test_a_special_address_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", [*PUBLIC_V4, *PUBLIC_V6])
def test_an_ordinary_address_is_public(address: str) -> None:
    assert is_public(address)


WRAPPINGS = {
    "mapped": lambda v4: IPv6Address(0xFFFF << 32 | int(v4)),
    "compatible": lambda v4: IPv6Address(int(v4)),
    "translated": lambda v4: IPv6Address(0xFFFF << 48 | int(v4)),
    "NAT64": lambda v4: IPv6Address(0x64FF9B << 96 | int(v4)),
    "6to4": lambda v4: IPv6Address(0x2002 << 112 | int(v4) << 80 | 1),
    "Teredo server": lambda v4: IPv6Address(0x20010000 << 96 | int(v4) << 64 | (~int(IPv4Address("8.8.8.8")) & 0xFFFFFFFF)),
    "Teredo client": lambda v4: IPv6Address(0x20010000 << 96 | int(IPv4Address("8.8.8.8")) << 64 | (~int(v4) & 0xFFFFFFFF)),
    "ISATAP": lambda v4: IPv6Address((0x26064700 << 96) | 0x5EFE << 32 | int(v4)),
}


@pytest.mark.parametrize("wrapping", WRAPPINGS)
@pytest.mark.parametrize("address", PRIVATE_V4)
def test_a_private_address_stays_private_inside_an_ipv6_address(wrapping: str, address: str) -> None:
    assert not is_public(str(WRAPPINGS[wrapping](IPv4Address(address))))


@pytest.mark.parametrize("wrapping", ["NAT64", "6to4", "ISATAP"])
def test_a_public_address_may_be_reached_through_a_gateway(wrapping: str) -> None:
    assert is_public(str(WRAPPINGS[wrapping](IPv4Address("8.8.8.8"))))


@given(st.ip_addresses())
def test_nothing_is_public_that_the_standard_library_calls_private(address: IPv4Address | IPv6Address) -> None:
    gateway = int(address) >> 96 == 0x64FF9B or int(address) >> 112 == 0x2002  # releases differ about those
    if is_public(str(address)) and not gateway:
        assert address.is_global
        assert not (address.is_private or address.is_loopback or address.is_link_local or address.is_multicast)


def test_a_name_is_not_an_address() -> None:
    with pytest.raises(ValueError, match="does not appear"):
        is_public("example.com")
    assert ip_address("1.1.1.1").is_global
