"""A tool of a server, as the agent sees it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cowork.agent.mcp.naming import tool_names
from cowork.agent.mcp.results import result_of
from cowork.agent.tools.base import ToolResult, Touch, Workspace
from cowork.core.text import printable

if TYPE_CHECKING:
    import mcp_types as types

    from cowork.agent.mcp.client import McpServers
    from cowork.agent.mcp.server import Server

MAX_DESCRIPTION = 2048
MAX_SCHEMA = 64 * 1024


class McpTool:
    """`mcp__<server>__<tool>`. Only a server that is the user's own is believed when it calls a tool read-only."""

    def __init__(self, servers: McpServers, server: Server, name: str, tool: types.Tool) -> None:
        self.name = name
        self.server = server
        self.own_name = tool.name
        self.parameters: Mapping[str, Any] = tool.input_schema
        hints = tool.annotations
        self.read_only = bool(server.trusted and hints and hints.read_only_hint)
        self.description = _described(tool)
        self._servers = servers

    def touches(self, arguments: Mapping[str, Any], workspace: Workspace) -> tuple[Touch, ...]:
        """Nothing that is known: what a server does with its arguments is its own affair."""
        return ()

    async def run(self, arguments: Mapping[str, Any], workspace: Workspace) -> ToolResult:
        """Ask the server. Whatever goes wrong there is a result with `error`."""
        from cowork.agent.mcp.connection import Broken

        try:
            answer = await self._servers.call(self.server.name, self.own_name, arguments)
        except Broken as error:
            return ToolResult(f"The MCP server '{self.server.name}' failed: {error}", error=True)
        return result_of(answer, self.name, self._servers.secrets_of(self.server.name), workspace)


def tools_of(servers: McpServers, server: Server, listed: list[types.Tool]) -> tuple[tuple[McpTool, ...], tuple[str, ...]]:
    """The tools of one server in the order it lists them, and why some of them are left out."""
    fitting: dict[str, types.Tool] = {}
    refused = []
    for tool in listed:
        why = _unusable(tool)
        if why or tool.name in fitting:
            refused.append(f"{tool.name}: {why or 'there are two of that name'}")
        else:
            fitting[tool.name] = tool
    names = {own: full for full, own in tool_names(server.name, fitting).items()}
    return tuple(McpTool(servers, server, names[own], tool) for own, tool in fitting.items()), tuple(refused)


def _described(tool: types.Tool) -> str:
    text = printable(tool.description or tool.title or "").strip()
    return text if len(text) <= MAX_DESCRIPTION else text[: MAX_DESCRIPTION - 1] + "…"


def _unusable(tool: types.Tool) -> str:
    """Why a tool cannot be offered to a model; empty for the usual one."""
    schema = tool.input_schema
    if schema.get("type") != "object":
        return "its arguments are not described as an object"
    try:
        text = json.dumps(schema)
    except (ValueError, RecursionError):
        return "the description of its arguments is no JSON"
    if len(text) > MAX_SCHEMA:
        return f"the description of its arguments is longer than {MAX_SCHEMA} bytes"
    return "" if _stays_inside(schema) else "the description of its arguments refers to another document"


def _stays_inside(node: Any) -> bool:
    """Whether every `$ref` of a schema points into it: whoever checks arguments must not be sent to fetch something."""
    if isinstance(node, list):
        return all(_stays_inside(item) for item in node)
    if not isinstance(node, dict):
        return True
    return all(
        not (key in ("$ref", "$dynamicRef") and isinstance(item, str) and not item.startswith("#")) and _stays_inside(item)
        for key, item in node.items()
    )
