"""Where results are delivered to: addresses as apprise has them, which hold tokens and passwords."""

from __future__ import annotations

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
