"""The servers as a list, for people and for `doctor`: nothing is started."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cowork.agent.mcp.discovery import Trusted
from cowork.agent.mcp.server import Server
from cowork.agent.mcp.servers import discover
from cowork.core.errors import CoworkError
from cowork.core.outcome import Notice
from cowork.policy import gate


@dataclass(frozen=True)
class McpItem:
    """A server. `state`: ready, blocked by a policy, or not_startable; `reason` says why. No value of a variable is in it."""

    name: str
    scope: str
    transport: str
    file: str
    state: str
    reason: str
    variables: tuple[str, ...]


def mcp_list(project: Path, environ: Mapping[str, str], *, trusted: Trusted) -> tuple[tuple[McpItem, ...], tuple[Notice, ...]]:
    """Every server that would be started, strongest first, and what to say about the others. Raises what `discover` raises."""
    servers, notices = discover(project, environ, trusted=trusted)
    return tuple(_item(server) for server in servers), notices


def _item(server: Server) -> McpItem:
    state, reason = ("not_startable", server.problem) if server.problem else ("ready", "")
    try:
        verdict = gate.ask(server.action)
    except CoworkError as error:
        state, reason = "blocked", error.message
    else:
        if not verdict.allowed:
            state, reason = "blocked", verdict.reason
    variables = tuple(sorted(server.secrets))
    return McpItem(server.name, server.scope, server.transport, server.file, state, reason, variables)
