"""Runners for hooks that no run of ours fires: those of `hook run` and `hook test`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from typing import Any

from cowork.agent import hook_runners
from cowork.agent.hook_runners import Runner
from cowork.agent.mcp.client import McpServers
from cowork.agent.mcp.servers import discover
from cowork.agent.tools.base import Workspace
from cowork.core import settings
from cowork.core.clock import SystemClock
from cowork.core.files import ensure_dir
from cowork.core.paths import home, project_dir
from cowork.core.secrets import child_environment
from cowork.trust.state import state


def runners() -> Mapping[str, Runner]:
    """The runners by kind, with the settings in force; MCP servers are started for the one hook that wants one."""
    return hook_runners.runners(settings.load(), SystemClock(), _unheard, open_servers=_servers)


def _servers() -> McpServers:
    project = project_dir()
    found, _ = discover(project, os.environ, trusted=lambda: state(project, home()).trusted)
    workspace = Workspace(
        root=project.resolve(),
        environment=child_environment(os.environ),
        output=ensure_dir(home() / "cache" / "mcp"),
        clock=SystemClock(),
        on_event=_unheard,
        stopping=asyncio.Event(),
    )
    return McpServers(found, workspace)


def _unheard(_kind: str, _data: dict[str, Any]) -> None:
    """There is no run whose journal would hold it."""
