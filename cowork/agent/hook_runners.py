"""What runs the hooks that are no commands: a request over HTTP, a tool of an MCP server, a question to a model.

Each runner is called in a thread of its own with the handler, the event's JSON and an event that is set when nobody waits any
longer. It answers as a command would: exit code 0 with JSON or text on stdout, or a failure that stderr explains and that the
handler's `onError` decides about.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from cowork.hooks.records import Ran

if TYPE_CHECKING:
    from cowork.agent.hook_mcp import OpenServers
    from cowork.agent.hook_prompt import Choose
    from cowork.agent.mcp.client import McpServers
    from cowork.core.clock import Clock
    from cowork.core.settings import Settings
    from cowork.models.select import Target

OnEvent = Callable[[str, dict[str, Any]], object]
YOURS = ("enterprise", "user")
LOOK_S = 0.05
"""Seconds between two looks whether anybody still waits."""


class Source(Protocol):
    """Where a handler comes from. `origin`: enterprise, user, project, plugin, agent, skill."""

    @property
    def origin(self) -> str: ...


class Handler(Protocol):
    """What runners read of a handler: `fields` is the handler as it was written, `timeout` in seconds."""

    @property
    def label(self) -> str: ...
    @property
    def event(self) -> str: ...
    @property
    def timeout(self) -> float: ...
    @property
    def fields(self) -> Mapping[str, Any]: ...
    @property
    def source(self) -> Source: ...


Runner = Callable[[Any, str, threading.Event], Ran]


def runners(
    settings: Settings,
    clock: Clock,
    on_event: OnEvent,
    *,
    target: Target | None = None,
    choose: Choose | None = None,
    servers: McpServers | None = None,
    open_servers: OpenServers | None = None,
    environ: Mapping[str, str] | None = None,
) -> Mapping[str, Runner]:
    """The runners by kind: `http`, `prompt`, and `mcp_tool` where there are servers. Nothing is loaded before it is needed.

    `target` is the run's model, by default the one that the settings choose; `choose` finds the model a handler names.
    `servers` are the run's, whose loop must run while a hook does; otherwise `open_servers` makes servers for one hook.
    Events are told from the thread of the hook: `call.retrying`, and `hook.judged` {event, ok, provider, model, input_tokens,
    output_tokens, tokens_source}.
    """
    environment = os.environ if environ is None else environ

    def http(handler: Handler, stdin: str, _stop: threading.Event) -> Ran:
        from cowork.agent.hook_http import post

        return post(handler, stdin, environment)

    def prompt(handler: Handler, stdin: str, stop: threading.Event) -> Ran:
        from cowork.agent.hook_prompt import Judge

        return Judge(settings, clock, on_event, target, choose).ask(handler, stdin, stop)

    def mcp_tool(handler: Handler, stdin: str, stop: threading.Event) -> Ran:
        from cowork.agent.hook_mcp import call

        return call(handler, stdin, stop, servers, open_servers)

    found: dict[str, Runner] = {"http": http, "prompt": prompt}
    if servers is not None or open_servers is not None:
        found["mcp_tool"] = mcp_tool
    return found


def failed(handler: Handler, why: str) -> Ran:
    """A failure: the action goes on unless the handler fails closed."""
    return Ran(handler.label, 1, "", why)


def out_of_time(handler: Handler) -> Ran:
    """A handler that took too long."""
    return Ran(handler.label, -9, "", "", timed_out=True)


def watched(handler: Handler, work: Coroutine[Any, Any, Ran], stop: threading.Event) -> Ran:
    """Run something in a loop of its own until it is done, its time is up or nobody waits any longer."""

    async def main() -> Ran:
        working = asyncio.create_task(work)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + handler.timeout
        while not working.done() and not stop.is_set() and loop.time() < deadline:
            await asyncio.wait({working}, timeout=LOOK_S)
        if working.done():
            return working.result()
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        return out_of_time(handler)

    return asyncio.run(main())
