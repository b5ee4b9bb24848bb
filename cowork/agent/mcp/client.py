"""The servers of one run: started when their tools are first wanted, side by side, and ended with the run."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from cowork.agent.mcp.server import Server
from cowork.agent.tools.base import Workspace
from cowork.connectors.secrets import Secrets
from cowork.core.errors import Denied
from cowork.core.text import one_line

if TYPE_CHECKING:
    import mcp_types as types

    from cowork.agent.mcp.connection import Connection
    from cowork.agent.mcp.tools import McpTool

START_S = 30.0
CALL_S = 600.0
_SHOWN = 10  # tools left out that an event names


class McpServers:
    """An async context manager over the servers of a run. Until `tools` or `call` nothing is started, nor the SDK loaded.

    Events: `mcp.connected` {server, scope, tools}, `mcp.failed` {server, scope, code, reason}, `mcp.left_out`
    {server, count, tools}, `mcp.changed` {server, tools}. A server that failed has no tools and is not tried again. `close`
    is among the workspace's closers from the first start on.
    """

    def __init__(
        self, servers: Sequence[Server], workspace: Workspace, *, start_s: float = START_S, call_s: float = CALL_S
    ) -> None:
        self._servers = {server.name: server for server in servers}
        self._workspace = workspace
        self._start_s = start_s
        self._call_s = call_s
        self._starting: dict[str, asyncio.Task[None]] = {}
        self._connections: dict[str, Connection] = {}
        self._tools: dict[str, tuple[McpTool, ...]] = {}
        self._closed = False
        self.loop: asyncio.AbstractEventLoop | None = None

    async def __aenter__(self) -> Self:
        self.loop = asyncio.get_running_loop()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def servers(self) -> tuple[Server, ...]:
        """Every server, started or not."""
        return tuple(self._servers.values())

    def find(self, name: str) -> Server | None:
        """The server that a name means: as in its tools' names, as it is written, or `plugin:<plugin>:<server>`."""
        return self._servers.get(name) or next((item for item in self._servers.values() if item.answers_to(name)), None)

    async def tools(self) -> tuple[McpTool, ...]:
        """The tools of every server that works, by server and in its order. Never raises because of a server.

        Starts what is not started, and reads anew the lists that changed.
        """
        await asyncio.gather(*(self._started(server) for server in self._servers.values()))
        await asyncio.gather(*(self._relisted(name) for name, item in self._connections.items() if item.changed))
        return tuple(tool for name in self._servers for tool in self._tools.get(name, ()))

    async def call(
        self, name: str, tool: str, arguments: Mapping[str, Any], seconds: float | None = None
    ) -> types.CallToolResult:
        """Call a server's tool by the server's own name for it. Raises Broken."""
        from cowork.agent.mcp.connection import Broken

        server = self.find(name)
        if server is None:
            raise Broken(f"there is no MCP server '{one_line(name, 80)}'")
        await self._started(server)
        connection = self._connections.get(server.name)
        if connection is None:
            raise Broken("it could not be started")
        return await connection.call(tool, arguments, self._call_s if seconds is None else seconds)

    def secrets_of(self, name: str) -> Secrets:
        """What must not show in the answers of a server."""
        server = self.find(name)
        connection = self._connections.get(server.name) if server else None
        return connection.secrets if connection else Secrets({})

    async def close(self) -> None:
        """End every server and what it started. Can be called again."""
        self._closed = True
        for task in self._starting.values():
            task.cancel()
        await asyncio.gather(*self._starting.values(), return_exceptions=True)
        await asyncio.gather(*(connection.close() for connection in self._connections.values()), return_exceptions=True)
        self._tools.clear()

    async def _started(self, server: Server) -> None:
        """Wait until a server works or has failed; whoever asks first starts it."""
        if self._closed:
            return
        if not self._starting:
            self._workspace.closers.append(self.close)
        task = self._starting.get(server.name)
        if task is None:
            task = self._starting[server.name] = asyncio.create_task(self._start(server))
        await asyncio.shield(task)

    async def _start(self, server: Server) -> None:
        from cowork.policy import gate

        if server.problem:
            self._failed(server, "mcp.not_startable", server.problem)
            return
        try:
            gate.require(server.action)
        except Denied as error:
            self._failed(server, error.code, error.message)
            return
        from cowork.agent.mcp.connection import Broken, Connection

        connection = Connection(server, self._workspace)
        try:
            listed = await connection.start(self._start_s)
        except Broken as error:
            self._failed(server, "mcp.not_started", str(error))
            return
        self._connections[server.name] = connection
        self._keep(connection, listed)
        tools = len(self._tools[server.name])
        self._event("mcp.connected", server, tools=tools)

    async def _relisted(self, name: str) -> None:
        from cowork.agent.mcp.connection import Broken

        connection = self._connections[name]
        try:
            async with asyncio.timeout(self._start_s):
                listed = await connection.list()
        except (Broken, TimeoutError) as error:
            self._tools[name] = ()
            self._failed(connection.server, "mcp.broken", str(error) or "it does not list its tools in time")
            return
        self._keep(connection, listed)
        self._event("mcp.changed", connection.server, tools=len(self._tools[name]))

    def _keep(self, connection: Connection, listed: list[types.Tool]) -> None:
        from cowork.agent.mcp.tools import tools_of

        server = connection.server
        self._tools[server.name], refused = tools_of(self, server, listed)
        if refused or connection.left_out:
            shown = [one_line(text) for text in refused[:_SHOWN]]
            self._event("mcp.left_out", server, count=len(refused) + connection.left_out, tools=shown)

    def _failed(self, server: Server, code: str, reason: str) -> None:
        self._event("mcp.failed", server, code=code, reason=reason)

    def _event(self, kind: str, server: Server, **data: Any) -> None:
        self._workspace.on_event(kind, {"server": server.name, "scope": server.scope, **data})
