"""How long a call may take, by type of connector: by default, and at the most."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cowork.core.errors import UsageError

if TYPE_CHECKING:
    from cowork.formats.cowork_plugin_parts import ConnectorModel

SECONDS = {"http": (30.0, 120.0), "shell": (30.0, 60.0), "script": (5.0, 10.0)}


def time_limit(connector: ConnectorModel, asked: float | None) -> float:
    """Seconds for one call: as asked, else as the manifest says (in milliseconds), else the default.

    A manifest is held to the most; asking for more raises `connector.bad_timeout`.
    """
    usual, most = SECONDS[connector.type]
    if asked is not None:
        if not 0 < asked <= most:
            text = f"a connector of type {connector.type} may take up to {most:g} s, not {asked:g} s"
            raise UsageError("connector.bad_timeout", text, hint=f"use --timeout {most:g} or less")
        return asked
    written = getattr(connector, connector.type).timeout
    return min(written / 1000, most) if written else usual
