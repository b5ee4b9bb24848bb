"""The sandbox that an agent of a loop works in, and the checks of what it made."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from cowork.core.errors import InvalidInput
from cowork.core.files import ensure_dir
from cowork.core.paths import home as cowork_home
from cowork.core.sandboxing.plan import Sandbox, plan
from cowork.core.sandboxing.probe import prove
from cowork.loop.agents.work import Kind
from cowork.loop.engine.order import Sandboxing
from cowork.models.catalogue import CommandLine


def for_agent(
    kind: Kind,
    commands: Sequence[CommandLine],
    sandboxing: Sandboxing,
    directory: Path,
    session: Path,
    *,
    environ: Mapping[str, str] = os.environ,
) -> Sandbox | None:
    """A sandbox that works, for the `commands` that an agent runs in a directory: one, or those of all seats of a pattern.

    None when none is wanted, and for models that only answer: nothing runs here. Raises InvalidInput `sandbox.unsupported` for
    the built-in agent, whose tools run in this process; Unavailable `sandbox.unavailable`; what else `plan` raises.
    """
    if sandboxing.mode == "off":
        return None
    if kind == "builtin":
        raise InvalidInput(
            "sandbox.unsupported",
            "the built-in agent does not work in a sandbox",
            cause="its tools, hooks and MCP servers run in this process",
            hint="name a command-line agent such as claude-cli, or use --sandbox off: its permissions hold all the same",
        )
    if not commands and kind != "command":
        return None
    return _sandbox(commands, sandboxing, directory, session, environ)


def for_checks(
    sandboxing: Sandboxing, directory: Path, session: Path, *, environ: Mapping[str, str] = os.environ
) -> Sandbox | None:
    """The same for the commands that check what was made: they run what an agent wrote. Nothing of a login is there."""
    return None if sandboxing.mode == "off" else _sandbox((), sandboxing, directory, session, environ)


def _sandbox(
    commands: Sequence[CommandLine], sandboxing: Sandboxing, directory: Path, session: Path, environ: Mapping[str, str]
) -> Sandbox:
    temporary = session / "tmp"
    sandbox = plan(
        sandboxing.mode,
        directory=directory,
        home=Path(environ.get("HOME") or Path.home()),
        environ=environ,
        network=sandboxing.network,
        programs=[command.program for command in commands],
        writable=sandboxing.allow_paths,
        readable=sandboxing.read_only_paths,
        state=[path for command in commands for path in command.auth_paths],
        config=[path for command in commands for path in command.config_paths],
        hidden=(cowork_home(), session),
        temporary=temporary,
    )
    assert sandbox is not None
    if sandbox.tool == "sandbox-exec":
        ensure_dir(temporary)
    return prove(sandbox)
