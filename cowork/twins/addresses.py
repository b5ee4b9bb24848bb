"""Where results are delivered to: addresses as apprise has them, which hold tokens and passwords."""

from __future__ import annotations

import os
import re
from urllib.parse import urlsplit

from cowork.core.errors import InvalidInput

FROM_ENVIRONMENT = "env:"
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
_LONGEST = 4000


def shown(url: str) -> str:
    """An address without what may be secret, `slack://…`; one that a variable holds, `env:NAME`, as it is."""
    if url.startswith(FROM_ENVIRONMENT):
        return url
    try:
        scheme = urlsplit(url).scheme
    except ValueError:
        scheme = ""
    return f"{scheme or '?'}://…"


def resolved(address: str) -> str | None:
    """The address as it is used now; None when it is `env:NAME` and the variable is not set, or empty."""
    if not address.startswith(FROM_ENVIRONMENT):
        return address
    return os.environ.get(address.removeprefix(FROM_ENVIRONMENT), "").strip() or None


def host(url: str) -> str:
    """What addresses have in common that one server answers for. For grouping alone: it may be secret."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}".casefold()


def checked(url: str) -> str:
    """An address that can be delivered to: one that apprise knows, or `env:NAME`. Raises `twin.bad_address`, no secrets."""
    from cowork.loop.notifying import names_file, understands

    address = url.strip()
    if address.startswith(FROM_ENVIRONMENT):
        if _VARIABLE.fullmatch(address.removeprefix(FROM_ENVIRONMENT)):
            return address
        why = "it names no variable"
    elif len(address) > _LONGEST or not address.isprintable():
        why = "it is too long, or holds characters that cannot be seen"
    elif names_file(address):
        why = "it names a file of this machine, which only an address in a variable of yours may"
    elif understands(address):
        return address
    else:
        why = "apprise knows no such address"
    raise InvalidInput(
        "twin.bad_address",
        f"nothing can be delivered to {shown(address) if '://' in address else 'this address'}: {why}",
        hint="for example slack://TokenA/TokenB/TokenC, or better env:MY_SLACK, which is read when something is delivered",
    )


def checked_of_others(url: str, *, trust: bool) -> str:
    """`checked` for a file that others may have written: only `env:NAME`, unless `trust`. Raises `twin.bad_address`.

    Whoever is told of results learns what twins see: where they are sent is for the person to say.
    """
    address = checked(url)
    if trust or address.startswith(FROM_ENVIRONMENT):
        return address
    raise InvalidInput(
        "twin.bad_address",
        f"nothing is delivered to {shown(address)} because a file says so",
        hint="write env:NAME there and put the address into that variable; or if the file is yours: --trust-addresses",
    )
