"""Bash, BashOutput and KillShell: command lines, and those that go on in the background."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any

from cowork.agent.tools import shells
from cowork.agent.tools.base import BuiltIn, ToolFailure, ToolResult, Workspace, schema
from cowork.agent.tools.capture import MOST, Excerpt
from cowork.agent.tools.shells import Shell, outcome
from cowork.core.cleaning import cleaned

TIMEOUT_MS, MOST_MS = 120_000, 600_000
_ID = {"type": "string", "minLength": 1, "description": "The id of the background shell"}
_TOO_MUCH = f"The command printed more than {MOST // 1024**2} MB and was killed. Print less, or write to a file."


class Bash(BuiltIn):
    """Runs a command line with bash, from the root of the workspace, without a terminal and without input."""

    name = "Bash"
    parameters = schema(
        "command",
        command={"type": "string", "minLength": 1, "description": "The command line"},
        timeout={"type": "integer", "minimum": 1, "maximum": MOST_MS, "description": "Milliseconds it may take"},
        description={"type": "string", "description": "What it does, in a few words"},
        run_in_background={"type": "boolean", "description": "Return at once; read its output with BashOutput"},
    )

    async def perform(self, arguments: Mapping[str, Any], workspace: Workspace) -> ToolResult:
        """Run. Raises ToolFailure when it cannot be started."""
        if arguments.get("run_in_background", False):
            return _in_background(workspace, arguments["command"])
        limit_ms = int(arguments.get("timeout", TIMEOUT_MS))
        shell = shells.start(workspace, arguments["command"])
        try:
            why = await _until_over(shell, workspace, limit_ms / 1000)
            if why is not None:
                await shell.running.ask_to_end()
        finally:
            shell.close()
        notes = [] if why is None else [why]
        if shell.capture.is_full:
            notes.append(_TOO_MUCH)
        if re.fullmatch(r"\s*cd(\s+\S+)?\s*", shell.command):
            notes.append("Every command starts in the root of the workspace: a directory changed to is left again.")
        return _result(shell, notes, interrupted=why is not None)


async def _until_over(shell: Shell, workspace: Workspace, seconds: float) -> str | None:
    """Wait for a command; why it has to be stopped, if so."""
    ended = asyncio.ensure_future(shell.running.ended())
    stopping = asyncio.ensure_future(workspace.stopping.wait())
    try:
        done, _ = await asyncio.wait({ended, stopping}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (ended, stopping):
            task.cancel()
    if ended in done:
        return None
    if stopping in done and stopping.result():
        return "The run was told to end, so the command was killed."
    return (
        f"The command did not end within {round(seconds * 1000)} ms and was killed with all it had started. "
        f"Give it more with timeout (at most {MOST_MS} ms), or use run_in_background."
    )


def _result(shell: Shell, notes: list[str], *, interrupted: bool) -> ToolResult:
    assert shell.code is not None
    excerpt = shell.capture.excerpt()
    head = [*notes, outcome(shell.code)] if shell.code or notes else []
    body = excerpt.text.rstrip("\n")
    text = "\n".join([*head, body] if body else head) or "(It printed nothing.)"
    response = {
        "stdout": excerpt.text,
        "stderr": "",
        "interrupted": interrupted,
        "isImage": False,
        "noOutputExpected": False,
        "exitCode": shell.code,
        **_where(excerpt),
    }
    return ToolResult(text, error=shell.code != 0 or interrupted, response=response)


def _where(excerpt: Excerpt) -> dict[str, str]:
    return {"outputFile": str(excerpt.path)} if excerpt.path else {}


def _in_background(workspace: Workspace, command: str) -> ToolResult:
    going = [shell.id for shell in workspace.shells.values() if shell.running.is_running]
    if len(going) >= shells.MOST_SHELLS:
        raise ToolFailure(f"{len(going)} shells run in the background already ({', '.join(going)}). End one with KillShell.")
    shell = shells.start(workspace, command)
    workspace.shells[shell.id] = shell
    watcher = asyncio.ensure_future(_watch(shell, workspace))

    async def close() -> None:
        watcher.cancel()
        await asyncio.wait({watcher})
        _end(shell, workspace)

    workspace.closers.append(close)
    workspace.on_event("shell.started", {"id": shell.id, "command": command})
    text = f"Started in the background as {shell.id}. Read its output with BashOutput, end it with KillShell."
    return ToolResult(text, response={"backgroundTaskId": shell.id, "stdout": "", "stderr": "", "interrupted": False})


async def _watch(shell: Shell, workspace: Workspace) -> None:
    """Close a background shell when its command ends, with what it left running."""
    await shell.running.ended()
    _end(shell, workspace)


def _end(shell: Shell, workspace: Workspace) -> None:
    if shell.code is None:
        shell.close()
        workspace.on_event("shell.ended", {"id": shell.id, "state": shell.state, "exit_code": shell.code})


class BashOutput(BuiltIn):
    """Shows what a background shell printed since it was asked last."""

    name = "BashOutput"
    read_only = True
    parameters = schema(
        "bash_id",
        bash_id=_ID,
        filter={"type": "string", "minLength": 1, "description": "A regular expression; only lines that match are shown"},
    )

    async def perform(self, arguments: Mapping[str, Any], workspace: Workspace) -> ToolResult:
        """Read. Raises ToolFailure for an id nobody has and for a filter that is no regular expression."""
        shell = shells.find(workspace, arguments["bash_id"])
        since, until = shell.told, shell.capture.total
        if "filter" in arguments:
            from cowork.agent.tools.searches import matching_lines

            text = await matching_lines(arguments["filter"], cleaned(shell.capture.since(since)), workspace)
        else:
            text = shell.capture.excerpt(since).text
        shell.told = until
        state = shell.state if shell.code is None else f"{shell.state} ({outcome(shell.code)})"
        head = f"{shell.id}: {state}" + (f". {_TOO_MUCH}" if shell.capture.is_full else "")
        body = text.rstrip("\n") or "(nothing new)"
        return ToolResult(f"{head}\n{body}", response={"status": shell.state, "exitCode": shell.code, "stdout": text})


class KillShell(BuiltIn):
    """Ends a background shell and all it started."""

    name = "KillShell"
    read_only = True  # it ends only what this run started itself
    parameters = schema("shell_id", shell_id=_ID)

    async def perform(self, arguments: Mapping[str, Any], workspace: Workspace) -> ToolResult:
        """End it. Raises ToolFailure for an id nobody has."""
        shell = shells.find(workspace, arguments["shell_id"])
        if shell.code is not None:
            return ToolResult(f"{shell.id} had ended already. {outcome(shell.code)}.", response={"shell_id": shell.id})
        shell.killed = True
        await shell.running.ask_to_end()
        _end(shell, workspace)
        return ToolResult(f"{shell.id} was ended with all it had started.", response={"shell_id": shell.id})
