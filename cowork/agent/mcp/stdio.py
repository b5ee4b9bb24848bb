"""Talking to a server that is a process: one JSON-RPC message a line, over its stdin and stdout.

The SDK's own transport keeps a line of any length and every line that comes; this one is bounded. A server that writes what
is no message, or floods, is cut off. The process leads a group of its own, which is killed whatever happens. Not run as other
processes are (`cowork.core.processes`): those get their input at once, and a server is talked to.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cowork.agent.mcp.lines import Lines
from cowork.agent.mcp.log import Log
from cowork.agent.mcp.server import Server

if TYPE_CHECKING:
    from mcp.client._transport import TransportStreams

_PIECE = 64 * 1024
_GRACE_S = 1.0  # to end by itself once its stdin is closed, and again after SIGTERM
_LOOK_S = 0.01


@asynccontextmanager
async def stdio(
    server: Server, root: Path, environment: Mapping[str, str], log: Log, lines: Lines
) -> AsyncIterator[TransportStreams]:
    """A running server's streams, as the SDK wants them. Raises OSError and ValueError when it cannot be started.

    `lines` knows afterwards why the connection was cut, if it was.
    """
    import anyio

    process = await asyncio.create_subprocess_exec(
        server.command,
        *server.args,
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
        cwd=root,
        env={**environment, **server.env},
        start_new_session=True,
    )
    try:
        inbox, inbound = anyio.create_memory_object_stream[Any](0)
        outbound, outbox = anyio.create_memory_object_stream[Any](0)
        tasks = [
            asyncio.create_task(_read(process, inbox, lines)),
            asyncio.create_task(_write(process, outbox, inbox, lines)),
            asyncio.create_task(_keep(process, log)),
        ]
        try:
            yield inbound, outbound
        finally:
            await _end(process)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for stream in (inbox, inbound, outbound, outbox):
                stream.close()
    finally:
        kill_group(process.pid)
        process._transport.close()  # type: ignore[attr-defined]  # a child that left the group may hold the pipes for ever


async def _read(process: Process, inbox: Any, lines: Lines) -> None:
    import anyio

    assert process.stdout is not None
    with contextlib.suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):  # the session is gone
        async with inbox:
            while piece := await process.stdout.read(_PIECE):
                for message in lines.feed(piece):
                    await inbox.send(message)
                if lines.cut:
                    kill_group(process.pid)
                    return


async def _write(process: Process, outbox: Any, inbox: Any, lines: Lines) -> None:
    assert process.stdin is not None
    try:
        async for item in outbox:
            lines.asked()
            text = item.message.model_dump_json(by_alias=True, exclude_unset=True)
            process.stdin.write(text.encode() + b"\n")
            await process.stdin.drain()
    except OSError:
        inbox.close()  # nobody reads any more: whoever waits for an answer must hear of it


async def _keep(process: Process, log: Log) -> None:
    assert process.stderr is not None
    try:
        while piece := await process.stderr.read(_PIECE):
            log.write(piece)
    finally:
        log.close()


async def _end(process: Process) -> None:
    """Let the server end by itself, then tell it to, then kill its group."""
    assert process.stdin is not None
    try:
        process.stdin.close()
        if not await _exited(process, _GRACE_S):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGTERM)
            await _exited(process, _GRACE_S)
    finally:
        kill_group(process.pid)
    await _exited(process, _GRACE_S)


async def _exited(process: Process, seconds: float) -> bool:
    """Whether the process ends in time. `Process.wait` would wait for its pipes, too, which others may hold."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while process.returncode is None and loop.time() < deadline:
        await asyncio.sleep(_LOOK_S)
    return process.returncode is not None


def kill_group(leader: int) -> None:
    """Kill a process and all that belong to its group; none left is fine."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)
