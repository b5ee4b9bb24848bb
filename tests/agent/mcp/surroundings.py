"""What the tests of MCP share: servers as they are configured, a workspace, and a look at processes."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cowork.agent.mcp.server import Scope, Server
from cowork.agent.tools.base import Workspace
from cowork.core.clock import SystemClock
from cowork.policy.actions import Action

HERE = Path(__file__).parent
CLEAN = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "LANG": "C.UTF-8"}


def workspace(tmp_path: Path) -> tuple[Workspace, list[tuple[str, dict[str, Any]]]]:
    """A workspace of its own, and the events it hears."""
    events: list[tuple[str, dict[str, Any]]] = []
    root = tmp_path / "root"
    root.mkdir(exist_ok=True)
    made = Workspace(
        root=root,
        environment=CLEAN,
        output=tmp_path / "output",
        clock=SystemClock(),
        on_event=lambda kind, data: events.append((kind, data)),
        stopping=asyncio.Event(),
    )
    return made, events


def python(script: str, *args: str, name: str = "echo", scope: Scope = "user", **more: Any) -> Server:
    """A server that is a script next to this file."""
    return Server(
        name,
        (),
        scope,
        "mcp.json",
        "stdio",
        Action("agent run", connector=name),
        command=sys.executable,
        args=(str(HERE / script), *args),
        trusted=scope in ("user", "enterprise"),
        **more,
    )


def remote(url: str, *, name: str = "remote", scope: Scope = "user", transport: Any = "http", **more: Any) -> Server:
    """A server at an address."""
    action = Action("agent run", connector=name)
    trusted = scope in ("user", "enterprise")
    return Server(name, (), scope, "mcp.json", transport, action, url=url, trusted=trusted, **more)


def soon(what: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Whether something becomes true in time."""
    deadline = time.monotonic() + seconds
    while not what():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True
