"""Calling tools as an agent does: arguments checked, then run in a loop of their own."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cowork.agent.tools.base import ToolResult, Workspace
from cowork.agent.tools.registry import check_arguments, standard_tools
from tests.support import alive

TOOLS = standard_tools()


@dataclass
class Workshop:
    """A workspace to try tools in. `events` are those it was told."""

    workspace: Workspace
    events: list[tuple[str, dict[str, object]]]

    @property
    def root(self) -> Path:
        return self.workspace.root

    def file(self, name: str, content: str | bytes = "", *, read: bool = False) -> Path:
        """A file in the workspace, which was read if told so."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        if read:
            assert not self.call("Read", file_path=name).error
        return path

    async def use(self, tool: str, /, **arguments: Any) -> ToolResult:
        """Call a tool in a running loop."""
        assert check_arguments(TOOLS[tool], arguments) is None
        return await TOOLS[tool].run(arguments, self.workspace)

    async def end(self) -> None:
        """End the run."""
        for close in reversed(self.workspace.closers):
            await close()

    def call(self, tool: str, /, **arguments: Any) -> ToolResult:
        """Call a tool in a run of its own."""

        async def whole() -> ToolResult:
            self.workspace.stopping = asyncio.Event()
            try:
                return await self.use(tool, **arguments)
            finally:
                await self.end()

        return run(whole())

    def fails(self, tool: str, /, **arguments: Any) -> str:
        """Call a tool that has to fail; what it says."""
        result = self.call(tool, **arguments)
        assert result.error, result.text
        return result.text


def run(work: Awaitable[Any]) -> Any:
    """Run to the end; nothing may be left running in the loop."""

    async def body() -> Any:
        result = await work
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return result

    return asyncio.run(body())


def children() -> list[int]:
    """The processes that this one has started and that run."""
    listed = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return [int(pid) for pid in listed if alive(int(pid))]


async def until(condition: Any, seconds: float = 10) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came to be"
        await asyncio.sleep(0.01)
