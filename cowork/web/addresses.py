"""Which IP addresses belong to the public internet. Everything else may be a machine that trusts this one.

After the IANA special-purpose address registries; written out, because `ipaddress` changes its mind between releases.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

_V4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 "
        "192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4"
    ).split()
)
# What is not in 2000::/3 is not public to begin with: loopback, unique local, link-local, multicast, unassigned.
_GLOBAL = IPv6Network("2000::/3")
# 2001::/23 holds Teredo, which carries two IPv4 addresses.
_V6 = tuple(IPv6Network(text) for text in "2001::/23 2001:db8::/32 3ffe::/16 3fff::/20".split())
_MAPPED, _COMPATIBLE, _TRANSLATED = (IPv6Network(text) for text in ("::ffff:0:0/96", "::/96", "::ffff:0:0:0/96"))
_NAT64, _SIX_TO_FOUR = IPv6Network("64:ff9b::/96"), IPv6Network("2002::/16")
_ISATAP = (0x00005EFE, 0x02005EFE)


def is_public(text: str) -> bool:
    """Whether a literal address, as a resolver gives it, belongs to the public internet. Raises ValueError when it is none."""
    address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv4Address):
        return _public_v4(address)
    inner = embedded(address)
    if not all(_public_v4(item) for item in inner):
        return False
    if address in _NAT64:  # how a network without IPv4 reaches a public IPv4 address
        return True
    return address in _GLOBAL and not any(address in network for network in _V6)


def embedded(address: IPv6Address) -> list[IPv4Address]:
    """The IPv4 addresses that an IPv6 address carries and that a gateway may deliver to."""
    number = int(address)
    last = IPv4Address(number & 0xFFFFFFFF)
    if any(address in network for network in (_MAPPED, _COMPATIBLE, _TRANSLATED, _NAT64)):
        return [last]
    if address in _SIX_TO_FOUR:
        return [IPv4Address(number >> 80 & 0xFFFFFFFF)]
    return [last] if number >> 32 & 0xFFFFFFFF in _ISATAP else []


def _public_v4(address: IPv4Address) -> bool:
    return not any(address in network for network in _V4)
