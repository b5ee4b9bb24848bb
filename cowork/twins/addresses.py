"""Where results are delivered to: addresses as apprise has them, which hold tokens and passwords."""

from __future__ import annotations

import hashlib
import os
import re
from urllib.parse import urlsplit

from cowork.core.errors import InvalidInput

FROM_ENVIRONMENT = "env:"
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
_LONGEST = 4000
_WITH_HOST = ("json", "xml", "form", "mailto", "gotify", "mmost", "http")
"""Kinds of addresses, each also with an `s`, in which what stands before the first slash is a host, whoever wrote them."""
_HOST = re.compile(r"(?:localhost|[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8})(?::\d{1,5})?")


def shown(url: str) -> str:
    """An address without what may be secret, and with what tells it from others: `slack://…#a1b2`, `json://example.com/…#c3d4`.

    One that a variable holds, `env:NAME`, is as it is.
    """
    return url if url.startswith(FROM_ENVIRONMENT) else f"{hidden(url)}#{short_id(url)}"


def short_id(url: str) -> str:
    """Four letters that stand for an address among the few of a twin. Too few to find out what it holds."""
    return hashlib.sha256(url.encode("utf-8", "replace")).hexdigest()[:4]


def hidden(url: str) -> str:
    """The kind of an address, and its host where that kind has one: in `slack://…` a token stands there."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "?://…"
    if parts.scheme.removesuffix("s") not in _WITH_HOST or "@" in parts.path:
        return f"{parts.scheme or '?'}://…"
    name = parts.netloc.rpartition("@")[2].casefold()
    return f"{parts.scheme}://{name}/…" if _HOST.fullmatch(name) else f"{parts.scheme}://…"


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
        f"nothing can be delivered to {hidden(address) if '://' in address else 'this address'}: {why}",
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
