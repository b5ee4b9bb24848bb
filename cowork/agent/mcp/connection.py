"""One server, connected: started within a time bound, asked, and ended. Whatever it does, there is an answer or Broken."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Coroutine, Mapping
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any, TypeVar

from cowork import __version__
from cowork.agent.mcp.lines import Lines
from cowork.agent.mcp.log import Log
from cowork.agent.mcp.server import Server
from cowork.agent.tools.base import Workspace
from cowork.connectors.secrets import Secrets
from cowork.core.errors import CoworkError
from cowork.core.text import one_line

if TYPE_CHECKING:
    import mcp_types as types
    from mcp import Client
    from mcp.client._transport import TransportStreams

START_S = 30.0
CALL_S = 600.0
MAX_TOOLS = 500
_MAX_PAGES = 100
_CLOSE_S = 5.0

T = TypeVar("T")


class Broken(Exception):
    """A server that cannot be started, ended, or does not answer. Its text says what happened, in one safe line."""


class Connection:
    """A server and the task that holds it. `changed` is set when it announces that its list of tools is another."""

    def __init__(self, server: Server, workspace: Workspace) -> None:
        self.server = server
        self.changed = False
        self.left_out = 0
        self.secrets = hidden(server, workspace)
        self._workspace = workspace
        self._log = Log(workspace.output / "mcp" / f"{server.name}.log", self.secrets)
        self._lines = Lines()
        self._closing = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._client: Client | None = None

    async def start(self, seconds: float = START_S) -> list[types.Tool]:
        """Start it and list its tools, all within `seconds`. Raises Broken; then nothing of it is left."""
        await asyncio.to_thread(_load)  # half a second that is not the server's
        ready = asyncio.Event()
        self._task = asyncio.create_task(self._live(ready))
        try:
            async with asyncio.timeout(seconds):
                await self._while_alive(ready.wait())
                return await self.list()
        except TimeoutError:
            await self.close(at_once=True)
            raise self._broken(f"it does not answer within {seconds:g} s") from None
        except BaseException:
            await self.close(at_once=True)
            raise

    async def list(self) -> list[types.Tool]:
        """Its tools, page by page, at most `MAX_TOOLS`; `left_out` says how many more it showed. Raises Broken."""
        self.changed = False
        tools: list[types.Tool] = []
        cursor: str | None = None
        for _ in range(_MAX_PAGES):
            page = await self._ask(self._open.list_tools(cursor=cursor))
            tools += page.tools
            cursor = page.next_cursor
            if not cursor or len(tools) >= MAX_TOOLS:
                break
        self.left_out = max(0, len(tools) - MAX_TOOLS)
        return tools[:MAX_TOOLS]

    async def call(self, tool: str, arguments: Mapping[str, Any], seconds: float = CALL_S) -> types.CallToolResult:
        """Call a tool under the server's own name for it. Raises Broken."""
        try:
            async with asyncio.timeout(seconds):
                return await self._ask(self._open.call_tool(tool, dict(arguments)))
        except TimeoutError:
            raise Broken(f"the tool does not answer within {seconds:g} s") from None

    async def close(self, *, at_once: bool = False) -> None:
        """End it and everything it started. It may take a few seconds to end by itself, unless `at_once`."""
        if self._task is None:
            return
        self._closing.set()
        if not at_once:
            await asyncio.wait({self._task}, timeout=_CLOSE_S)
        self._task.cancel()
        await asyncio.wait({self._task}, timeout=_CLOSE_S)

    async def _live(self, ready: asyncio.Event) -> None:
        """Hold the connection open. The SDK wants it opened and closed by one task."""
        from mcp import Client
        from mcp_types import Implementation

        us = Implementation(name="cowork", version=__version__)
        client = Client(self._streams(), cache=None, client_info=us, message_handler=self._heard)
        async with client:
            # A server's schema for its own answers proves nothing, and a hostile pattern in it takes for ever to match.
            client.session.validate_tool_result = _believe  # type: ignore[assignment,method-assign]
            self._client = client
            ready.set()
            listening = asyncio.create_task(self._listen(client))
            try:
                await self._closing.wait()
            finally:
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)

    def _streams(self) -> AbstractAsyncContextManager[TransportStreams]:
        if self.server.transport == "stdio":
            from cowork.agent.mcp.stdio import stdio

            return stdio(self.server, self._workspace.root, self._workspace.environment, self._log, self._lines)
        from cowork.agent.mcp.remote import remote

        return remote(self.server, CALL_S)

    async def _heard(self, message: Any) -> None:
        from mcp_types import ToolListChangedNotification

        if isinstance(message, ToolListChangedNotification):
            self.changed = True

    async def _listen(self, client: Client) -> None:
        """Hear of changes where the protocol wants that to be asked for; where it cannot be had, nothing is lost but that."""
        tools = client.server_capabilities.tools
        if not (tools and tools.list_changed):
            return
        from mcp.client.subscriptions import ListenNotSupportedError, SubscriptionLost
        from mcp.shared.exceptions import MCPError

        with contextlib.suppress(ListenNotSupportedError, SubscriptionLost, MCPError, TimeoutError):
            async with client.listen(tools_list_changed=True) as changes:
                async for _ in changes:
                    pass  # `_heard` hears of it, too

    @property
    def _open(self) -> Client:
        if self._client is None:
            raise Broken("it is not connected")
        return self._client

    async def _ask(self, question: Coroutine[Any, Any, T]) -> T:
        """What the SDK answers, with everything that it raises as Broken."""
        try:
            return await self._while_alive(question)
        except (Broken, asyncio.CancelledError, TimeoutError):
            raise
        except Exception as error:
            raise self._broken(_reason(error)) from None

    async def _while_alive(self, question: Coroutine[Any, Any, T]) -> T:
        """Await something as long as the connection holds and the run goes on. Raises Broken."""
        assert self._task is not None
        asking = asyncio.create_task(question)
        stopping = asyncio.create_task(self._workspace.stopping.wait())
        try:
            await asyncio.wait({asking, stopping, self._task}, return_when=asyncio.FIRST_COMPLETED)
            if asking.done():
                return asking.result()
            if stopping.done():
                raise Broken("the run was told to end")
            raise self._broken(_reason(self._ended()))
        finally:
            for task in (asking, stopping):
                task.cancel()
            await asyncio.gather(asking, stopping, return_exceptions=True)

    def _ended(self) -> BaseException:
        assert self._task is not None
        if self._task.cancelled():
            return Broken("it was ended")
        return self._task.exception() or Broken("it ended")

    def _broken(self, reason: str) -> Broken:
        """Why, with what else is known: why the line was cut, and its last words."""
        reason = self._lines.cut or reason
        said = self._log.last
        return Broken(self.secrets.hide(f"{reason}; it said: {said}" if said else reason))


def hidden(server: Server, workspace: Workspace) -> Secrets:
    """The values that went into a server and that other programs are not given: they show nowhere."""
    ours = workspace.environment
    return Secrets({name: value for name, value in server.secrets.items() if ours.get(name) != value})


async def _believe(_name: str, _result: object) -> None:
    return None


def _reason(error: BaseException) -> str:
    """The innermost reason, in one line. What the network library says may hold a whole address and stays out."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, CoworkError):
        return one_line(error.message)
    if isinstance(error, OSError) and error.strerror:
        named = f": {one_line(str(error.filename), 80)}" if error.filename else ""
        return f"{error.strerror}{named}"
    module = type(error).__module__.partition(".")[0]
    if module in ("httpx2", "httpcore2"):
        return {"ConnectError": "it cannot be reached", "ReadError": "the connection broke off"}.get(
            type(error).__name__, f"talking to it failed ({type(error).__name__})"
        )
    if type(error).__name__ == "ValidationError":
        return "its answer breaks the rules of the protocol"
    return one_line(str(error)) or type(error).__name__


def _load() -> None:
    """Load the SDK. It logs what servers send; without a handler that would reach the terminal as it is."""
    import mcp  # noqa: F401

    for name in ("mcp", "client", "httpx2", "httpcore2"):
        logger = logging.getLogger(name)
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())
