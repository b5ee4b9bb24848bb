"""`WebFetch(domain:host)`: the host of an address, read so that no trick of spelling makes it another's."""

from __future__ import annotations

import contextlib
import re
from typing import Final

from cowork.rules.wild import glob_match

_PLAIN: Final = re.compile(
    r"https?://(?P<host>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9.])?|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?(?:[/?#].*)?",
    re.I | re.S,
)
_ODD: Final = re.compile(r"[\x00-\x20\x7f\\]|[^\x00-\x7f]")
_AUTHORITY: Final = re.compile(r"\s*(?:[A-Za-z][A-Za-z0-9+.-]*:)?[/\\]*([^/\\?#]*)")


def host_of(url: str) -> str | None:
    """The host of a plain http or https address, in lower case; None when there is any doubt about what it is."""
    found = _PLAIN.fullmatch(url)
    if not found or _ODD.search(url.partition("?")[0].partition("#")[0]):
        return None
    host = found["host"].lower()
    host = host.removesuffix(".")
    if ".." in host or not host or host.endswith("."):
        return None
    if not host.startswith("[") and _is_numeric(host) and _canonical_ip(host) != host:
        return None  # 127.1, 0x7f000001: a number that reads otherwise than it is written
    return host


def possible_hosts(url: str) -> set[str] | None:
    """Every host that some reader might find in an address: for denials. None when not even that can be told."""
    found = _AUTHORITY.match(url)
    authority = found.group(1) if found else ""
    if not authority or "%" in authority:
        return None
    hosts: set[str] = set()
    for piece in authority.split("@"):
        host = piece if piece.startswith("[") else piece.partition(":")[0]
        hosts |= _spellings(host)
    hosts |= _spellings(re.split(r"[\\/?#]", url.partition("://")[2].rpartition("@")[2])[0].partition(":")[0])
    return hosts - {""} or None


def covers(rule: str, host: str) -> bool:
    """Whether `domain:rule` is about a host: itself; `*.h` everything below h at any depth; `*` all; else `*` in a label."""
    rule = rule.strip().lower().removesuffix(".")
    if rule == "*" or rule == host:
        return True
    if rule.startswith("*.") and "*" not in rule[2:]:
        return host.endswith(rule[1:]) and len(host) > len(rule) - 1
    if "*" not in rule:
        return False
    wanted, given = rule.split("."), host.split(".")
    return len(wanted) == len(given) and all(glob_match(_literal(one), other) for one, other in zip(wanted, given, strict=True))


def _literal(label: str) -> str:
    return label.replace("\\", "\\\\").replace("?", "\\?").replace("[", "\\[")


def _is_numeric(host: str) -> bool:
    return bool(re.fullmatch(r"(0x[0-9a-f]*|[0-9]+)", host.rpartition(".")[2]))


def _canonical_ip(host: str) -> str | None:
    import socket

    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except (OSError, UnicodeError):
        return None


def _spellings(host: str) -> set[str]:
    import unicodedata

    found = {host.lower()}
    normal = unicodedata.normalize("NFKC", host).lower().replace("。", ".")
    found.add(normal)
    with contextlib.suppress(UnicodeError):
        found.add(normal.encode("idna").decode())
    found = {name.strip().rstrip(".") for name in found}
    return found | {ip for name in found if name and (ip := _canonical_ip(name))}
