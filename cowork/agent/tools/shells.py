"""Shells: a command line that runs, in the foreground or in the background, with its output and its end."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from cowork.agent.tools.base import ToolFailure, Workspace
from cowork.agent.tools.capture import Capture
from cowork.core.processes import Running

MOST_SHELLS = 16
"""How many may run in the background of one run at a time."""


@dataclass
class Shell:
    """A command that was started. `code` is its exit status once it is over; `told` bytes of its output were shown."""

    id: str
    command: str
    running: Running
    capture: Capture
    code: int | None = None
    told: int = 0
    killed: bool = False

    @property
    def state(self) -> str:
        """running, completed, failed or killed."""
        if self.code is None:
            return "running"
        return "killed" if self.killed else "completed" if self.code == 0 else "failed"

    def close(self) -> int:
        """End it and all it started; its exit status."""
        if self.code is None:
            self.killed = self.killed or self.running.is_running
            self.code = self.running.close()
            self.capture.close()
        return self.code


def start(workspace: Workspace, command: str) -> Shell:
    """Run a command line in the workspace's root. Raises ToolFailure."""
    workspace.commands += 1
    id = f"bash_{workspace.commands}"
    capture = Capture(workspace.output / f"{id}-{token_hex(4)}.log")
    shell: Shell | None = None

    def told(piece: bytes) -> None:
        capture.add(piece)
        if capture.is_full and shell is not None and shell.code is None:
            shell.running.kill()

    if "\0" in command:
        raise ToolFailure("A command cannot hold a NUL character.")
    try:
        running = Running([_interpreter(), "-c", command], cwd=workspace.root, environment=workspace.environment, told=told)
    except OSError as error:
        raise ToolFailure(
            f"The command cannot be started: {error.strerror or error}. Put a very long one in a file."
        ) from error
    except UnicodeEncodeError as error:
        raise ToolFailure("The command holds half of a surrogate pair. Write the whole character.") from error
    shell = Shell(id, command, running, capture)
    return shell


def _interpreter() -> str:
    return "/bin/bash" if Path("/bin/bash").exists() else "/bin/sh"


def find(workspace: Workspace, id: str) -> Shell:
    """A background shell by its id. Raises ToolFailure that names those there are."""
    shell = workspace.shells.get(id)
    if shell is None:
        known = ", ".join(workspace.shells) or "none was started"
        raise ToolFailure(f"There is no background shell '{id[:80]}'. There is: {known}.")
    return shell


def outcome(code: int) -> str:
    """An exit status in words."""
    if code >= 0:
        return f"Exit code {code}"
    try:
        return f"Killed by signal {-code} ({signal.Signals(-code).name})"
    except ValueError:
        return f"Killed by signal {-code}"
