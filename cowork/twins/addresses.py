"""Where results are delivered to: addresses as apprise has them, which hold tokens and passwords."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

FROM_ENVIRONMENT = "env:"


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
