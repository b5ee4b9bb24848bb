"""The private-address guard: which addresses cowork opens on behalf of a pack, a source text or a catalogue.

A name is resolved once, every address it has is judged, and the caller connects to exactly those: an answer that changes
between the check and the use cannot matter. `private_hosts` lists the hosts that the user trusts to be private.
"""

from __future__ import annotations

from cowork.core.errors import Denied, InvalidInput, Unavailable
from cowork.web.urls import Target, is_literal, read_host, read_url

RESOLVE_S = 10.0
"""Seconds a name may take to resolve when the caller sets no limit of its own."""


def check_url(url: str) -> None:
    """Judge an address by its text alone: nothing is looked up.

    Raises `web.bad_url` (InvalidInput), `web.credentials_in_url`, `web.plain_http` and, for a literal address that is not
    public, `web.private_address` (Denied).
    """
    judged(url)


def judged(url: str) -> Target:
    """The address taken apart, after every check of `check_url`."""
    target = read_url(url)
    if is_trusted_host(target.host, target.port):
        return target
    if target.scheme != "https":
        raise Denied(
            "web.plain_http",
            f"{target.shown} is not encrypted",
            cause="anybody on the way could read and change what is sent",
            hint="use https://, or list the host in the setting private_hosts if it is yours",
        )
    refuse_private_literal(target.host)
    return target


def refuse_private_literal(host: str) -> None:
    """Raises `web.private_address` for a literal private address and for `localhost`, without asking a resolver."""
    from cowork.web.addresses import is_public

    if host == "localhost" or host.endswith(".localhost"):
        raise private_address(host)
    try:
        public = is_public(host)
    except ValueError:  # a name
        return
    if not public:
        raise private_address(host)


def public_addresses(host: str, port: int, *, timeout_s: float = RESOLVE_S) -> tuple[str, ...]:
    """Every address of a host, resolved once and judged; connect to these and to nothing else.

    Raises `web.private_address` when a single one is not public and the host is not trusted, `web.unresolvable`,
    `web.timeout` and `web.bad_url`.
    """
    name = read_host(host)
    trusted = is_trusted_host(name, port)
    if not trusted:
        refuse_private_literal(name)
    if is_literal(name):  # there is nothing to resolve
        return (name,)
    addresses = addresses_of(name, port, timeout_s=timeout_s)
    if not trusted and not _all_public(addresses):
        raise private_address(name)
    return addresses


def _all_public(addresses: tuple[str, ...]) -> bool:
    from cowork.web.addresses import is_public

    return all(is_public(address) for address in addresses)


def addresses_of(host: str, port: int, *, timeout_s: float) -> tuple[str, ...]:
    """What the resolver says, unjudged, in its order and without repetitions. Raises `web.unresolvable`, `web.timeout`."""
    import socket
    import threading

    found: list[str] = []
    failed: list[Exception] = []

    def resolve() -> None:
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.extend(str(answer[4][0]) for answer in answers)
        except (OSError, UnicodeError) as error:
            failed.append(error)

    # The resolver takes no time limit, so it is left behind when it exceeds ours.
    worker = threading.Thread(target=resolve, daemon=True)
    worker.start()
    worker.join(max(timeout_s, 0.001))
    if worker.is_alive():
        raise Unavailable("web.timeout", f"resolving the name {host} takes too long", hint="try again later")
    if failed or not found:
        cause = getattr(failed[0], "strerror", None) if failed else None
        raise Unavailable(
            "web.unresolvable",
            f"the name {host} cannot be resolved",
            cause=cause or "it has no address",
            hint="check the spelling and the network",
            details={"host": host},
        )
    return tuple(dict.fromkeys(found))


def is_trusted_host(host: str, port: int) -> bool:
    """Whether the setting `private_hosts` lists the host, alone or with this port. Raises `config.invalid`."""
    from cowork.core import settings

    listed = settings.load()["private_hosts"]
    try:
        name = read_host(host)
    except InvalidInput:
        return False
    return any(_matches(entry.strip(), name, port) for entry in listed.split(",") if entry.strip())


def _matches(entry: str, host: str, port: int) -> bool:
    name, colon, number = entry.rpartition(":")
    if colon and (":" not in name or name.endswith("]")):
        if number != str(port):
            return False
        entry = name
    try:
        return read_host(entry) == host
    except InvalidInput:
        return False


def private_address(host: str) -> Denied:
    """The refusal of a host on a private network."""
    return Denied(
        "web.private_address",
        f"{host} is not an address on the public internet",
        cause="private, loopback and link-local addresses may be services that trust this machine",
        hint="if the host is yours, list it in the setting private_hosts",
        details={"host": host},
    )
