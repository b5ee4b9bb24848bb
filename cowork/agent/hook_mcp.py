"""Hooks of the kind `mcp_tool`: a tool of an MCP server is called, its text is what a command would have written.

`${path.in.the.event}` in a text of its input is filled in from the event, once. A server that is not there, or a tool that
fails, is a failure that blocks nothing by itself.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import json
import re
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cowork.agent.hook_runners import LOOK_S, Handler, failed, out_of_time, watched
from cowork.hooks.records import Ran

if TYPE_CHECKING:
    from cowork.agent.mcp.client import McpServers

OpenServers = Callable[[], "McpServers"]
"""Makes servers for one hook; called inside the loop they will live in."""
_LATER_S = 5.0  # whoever waits for the hook looks at its time
_PLACE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*)\}")


def call(
    handler: Handler, stdin: str, stop: threading.Event, servers: McpServers | None, open_servers: OpenServers | None
) -> Ran:
    """Call the tool that the handler names, on the run's servers where they live, else on servers made for it."""
    try:
        event = json.loads(stdin)
    except (ValueError, RecursionError):
        return failed(handler, "the event is not JSON")
    arguments = handler.fields.get("input") or {}
    if not isinstance(arguments, dict):
        return failed(handler, "its input is not an object")
    arguments = filled(arguments, event)
    if servers is not None and servers.loop is not None and servers.loop.is_running():
        calling = asyncio.run_coroutine_threadsafe(_call(handler, servers, arguments), servers.loop)
        return _waited(handler, calling, stop)
    if open_servers is None:
        return failed(handler, "the servers of the run are not there")
    return watched(handler, _alone(handler, open_servers, arguments), stop)


def filled(value: Any, event: Any) -> Any:
    """A JSON value with its places filled in: what is nothing but a place becomes the value itself, what is missing ''."""
    if isinstance(value, dict):
        return {key: filled(item, event) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, event) for item in value]
    if not isinstance(value, str):
        return value
    whole = _PLACE.fullmatch(value)
    if whole:
        return _found(event, whole[1])
    return _PLACE.sub(lambda place: _as_text(_found(event, place[1])), value)


def _waited(handler: Handler, calling: concurrent.futures.Future[Ran], stop: threading.Event) -> Ran:
    deadline = time.monotonic() + handler.timeout
    while not stop.is_set() and time.monotonic() < deadline:
        concurrent.futures.wait([calling], timeout=LOOK_S)
        if calling.done():
            return calling.result()
    calling.cancel()
    return out_of_time(handler)


async def _alone(handler: Handler, open_servers: OpenServers, arguments: dict[str, Any]) -> Ran:
    async with open_servers() as servers:
        return await _call(handler, servers, arguments)


async def _call(handler: Handler, servers: McpServers, arguments: dict[str, Any]) -> Ran:
    from cowork.agent.mcp.connection import Broken
    from cowork.agent.mcp.results import text_of

    server, tool = str(handler.fields.get("server", "")), str(handler.fields.get("tool", ""))
    try:
        answer = await servers.call(server, tool, arguments, handler.timeout + _LATER_S)
    except Broken as error:
        return failed(handler, str(error))
    text = text_of(answer, servers.secrets_of(server))
    return failed(handler, text) if answer.is_error else Ran(handler.label, 0, text, "")


def _found(event: Any, path: str) -> Any:
    """What stands at a dotted path in the event; an empty text where there is nothing."""
    for step in path.split("."):
        if isinstance(event, dict):
            event = event.get(step)
        elif isinstance(event, list) and step.isdigit() and int(step) < len(event):
            event = event[int(step)]
        else:
            event = None
    return "" if event is None else event


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
