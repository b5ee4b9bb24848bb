"""Variables that point to services of the user's session: agents of keys, message buses, screens."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from cowork.core.sandboxing.layout import Layout

_NAMES = (
    "SSH_AUTH_SOCK", "SSH_AGENT_PID", "GPG_AGENT_INFO", "GNOME_KEYRING_CONTROL", "DBUS_SESSION_BUS_ADDRESS",
    "DBUS_SYSTEM_BUS_ADDRESS", "XDG_RUNTIME_DIR", "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "DOCKER_HOST", "CONTAINER_HOST",
    "TMUX", "STY", "VSCODE_IPC_HOOK_CLI", "VSCODE_GIT_IPC_HANDLE",
)  # fmt: skip


def unreachable(environ: Mapping[str, str], layout: Layout) -> tuple[str, ...]:
    """Those that are set, but for paths which somebody allows inside and for addresses on the network."""
    return tuple(name for name in _NAMES if name in environ and not _is_allowed(environ[name], layout))


def _is_allowed(value: str, layout: Layout) -> bool:
    if value.startswith(("tcp:", "ssh:", "https:", "http:")):
        return True
    path = value.removeprefix("unix:path=").removeprefix("unix://").partition(",")[0]
    return path.startswith("/") and layout.access(Path(os.path.realpath(path))) in ("read", "write")
