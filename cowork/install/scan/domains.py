"""The addresses in a pack's text: those that its manifest does not name, and those that no pack should use."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from cowork.install.scan.kinds import name_of
from cowork.install.scan.patterns import compiled
from cowork.install.scan.rule import Hit, Rule, Severity
from cowork.install.scan.text import Text

UNDECLARED = Rule(
    "scan.undeclared_domain", "The manifest names every domain", "name it as homepage, connector or MCP server, or remove it"
)
PLAIN_HTTP = Rule("scan.plain_http", "Addresses use https", "write https://")
PRIVATE = Rule("scan.private_address", "No addresses of private networks", "use a parameter that the user fills in")
DISGUISED = Rule("scan.disguised_address", "An address says where it leads", "write the host by its name")
RULES = (UNDECLARED, PLAIN_HTTP, PRIVATE, DISGUISED)

MANIFESTS = ("cowork.plugin.json", "plugin.json", "marketplace.json", ".mcp.json", "mcp.json", "package.json")
_DECLARING = {
    "url",
    "homepage",
    "repository",
    "website",
    "author",
    "baseurl",
    "domains",
    "alloweddomains",
    "hosts",
    "source",
    "documentation",
}
_URL = (
    r"(?i)\b(https?|wss?|ftp)://"
    r"(\[[0-9a-f:.%]{2,50}\][^\s\"'<>()\[\]{}|\\^`]{0,300}|[^\s\"'<>()\[\]{}|\\^`$]{1,300})"
)
_HOST = r"[^\W_](?:[\w-]{0,62}\.)*[\w-]{1,63}|\[[0-9a-f:.%]+\]"
_NUMBERS = r"(?:0x[0-9a-f]*|\d+)(?:\.(?:0x[0-9a-f]*|\d+)){0,3}"
# Names for examples, and names of formats and licences that nobody visits.
_EXAMPLES = r"(?:.*\.)?(?:example|test|invalid)|(?:.*\.)?example\.(?:com|org|net|edu)|localhost"
_FORMATS = (
    r"www\.w3\.org|json-schema\.org|json\.schemastore\.org|schemas\.(?:microsoft|openxmlformats|android)\.\w+|purl\.org"
    r"|xmlns\.com|ns\.adobe\.com|(?:www\.)?(?:apache|opensource|gnu|spdx|creativecommons)\.org|schema\.org|maven\.apache\.org"
)
_INTERNAL = r".*\.(?:internal|local|lan|corp|home|intranet|home\.arpa)"
_METADATA = ("169.254.169.254", "metadata.google.internal", "100.100.100.200", "fd00:ec2::254")


def declared_hosts(manifests: Iterable[str]) -> frozenset[str]:
    """The hosts that manifests, given as JSON texts, name as homepage, author, repository, connector or MCP server."""
    found: set[str] = set()
    for text in manifests:
        try:
            pending: list[tuple[str, Any, bool]] = [("", json.loads(text), False)]
        except (ValueError, RecursionError):
            continue  # validation reports it
        while pending:
            key, value, server = pending.pop()
            server = server or key == "mcpservers"
            if isinstance(value, dict):
                pending += [(str(name).lower(), item, server) for name, item in value.items()]
            elif isinstance(value, list):
                pending += [(key, item, server) for item in value]
            elif isinstance(value, str) and (key in _DECLARING or (server and key == "args")):
                found |= {host for _, host, _ in _addresses(value)} or _named(key, value)
    return frozenset(found)


def is_manifest(path: str) -> bool:
    """Whether a file of this name may declare domains."""
    return name_of(path) in MANIFESTS


def find(text: Text, declared: frozenset[str]) -> Iterator[Hit]:
    """What is wrong with the addresses of a text; each host once for every kind of reader, where it first occurs."""
    seen: set[tuple[str, str, bool, bool]] = set()
    for match, host, scheme in _addresses(text.view.text):
        start = text.view.source(match.start())
        run = text.is_run(start)
        quiet = text.kind == "data" or (text.kind == "script" and not run)
        if (host, scheme, run, quiet) in seen:
            continue
        seen.add((host, scheme, run, quiet))
        for rule, severity, message in _judge(host, scheme, run, declared):
            level: Severity = "note" if quiet and severity == "warning" else severity
            yield Hit(rule, level, start, text.view.source(match.end() - 1) + 1, message)


def _judge(host: str, scheme: str, run: bool, declared: frozenset[str]) -> Iterator[tuple[Rule, Severity, str]]:
    if "@" in host:
        yield DISGUISED, "warning", f"what looks like the host is a user name: this leads to {host.rpartition('@')[2]}"
        host = host.rpartition("@")[2]
    if host in _METADATA:
        yield PRIVATE, "critical" if run else "warning", "this address hands out the credentials of a cloud machine"
        return
    if compiled(_EXAMPLES).fullmatch(host) or compiled(_FORMATS).fullmatch(host):
        return
    kind = _kind(host)
    if kind == "private":
        yield PRIVATE, "warning", "this address lies in a private network"
    elif kind == "loopback":
        if run:
            yield PRIVATE, "note", "this address is the user's own machine"
    elif kind == "numbers":
        yield DISGUISED, "warning", "the host is an IP address in disguise"
    elif "." in host:
        if kind == "public":
            yield DISGUISED, "warning", "the host is an IP address without a name"
        if scheme in ("http", "ftp", "ws"):
            yield PLAIN_HTTP, "warning", f"{scheme}:// can be read and changed on the way"
        if not any(host == name or host.endswith(f".{name}") for name in declared):
            yield UNDECLARED, "warning" if run else "note", f"the manifest does not name {host}"


def _kind(host: str) -> str:
    """`name`, or for IP addresses: public, private, loopback, or numbers (a form that hides the address)."""
    from ipaddress import ip_address

    from cowork.web.addresses import is_public

    bare = host.strip("[]")
    try:
        address = ip_address(bare.partition("%")[0])
    except ValueError:
        if compiled(_NUMBERS).fullmatch(host):
            return "numbers"
        return "private" if compiled(_INTERNAL).fullmatch(host) else "name"
    if address.is_loopback or address.is_unspecified:
        return "loopback"
    return "public" if is_public(bare) else "private"


def _addresses(text: str) -> Iterator[tuple[re.Match[str], str, str]]:
    """Every address with its host in lower case; one that pretends to be another keeps its user name and `@`."""
    for match in compiled(_URL).finditer(text) if "://" in text else ():
        authority = match[2].partition("/")[0].partition("?")[0].partition("#")[0].lower()
        user, _, place = authority.rpartition("@")
        host = place if place.startswith("[") else place.partition(":")[0]
        host = host.rpartition("]")[0] + "]" if host.startswith("[") else host.rstrip(".,;!*_-")
        if compiled(_HOST).fullmatch(host):
            pretends = "." in user.partition(":")[0]
            yield match, f"{user}@{host}" if pretends else host, match[1].lower()


def _named(key: str, value: str) -> set[str]:
    """A host that is written without a scheme under a key for hosts."""
    return {value.lower().removeprefix("*.")} if key in ("domains", "alloweddomains", "hosts") and len(value) <= 253 else set()
