"""A sandbox as it is planned: what is there, who may write what, and the words that start a command in it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from cowork.core.errors import InvalidInput, Unavailable
from cowork.core.sandboxing import bwrap, drawing, seatbelt
from cowork.core.sandboxing.layout import Layout, state
from cowork.core.sandboxing.sockets import unreachable

Tool = Literal["bwrap", "sandbox-exec"]
MODES = ("off", "auto", "bwrap", "sandbox-exec")


@dataclass(frozen=True)
class Sandbox:
    """A plan. `program` is the tool's path; `unset` are variables that point to services outside."""

    tool: Tool
    program: str
    directory: Path
    layout: Layout
    network: bool
    unset: tuple[str, ...] = ()
    temporary: Path | None = None

    def wrap(self, argv: Sequence[str], cwd: Path) -> list[str]:
        """The words that run a command inside, in a directory that has to be there inside.

        They end as the command does: with its exit status, or 128 and the signal it died of. SIGTERM, SIGINT and SIGHUP to
        their group reach the command; SIGKILL takes everything inside along.
        """
        if self.tool == "bwrap":
            words = bwrap.words(self.program, self.layout, self.unset, network=self.network)
            return [*words, "--chdir", str(cwd), "--", *argv]
        text = seatbelt.profile(self.layout, network=self.network, temporary=self.temporary)
        without = [word for name in self.unset for word in ("-u", name)]
        place = [f"TMPDIR={self.temporary}"] if self.temporary else []
        return [self.program, "-p", text, "/usr/bin/env", *without, *place, *argv]

    def describe(self) -> dict[str, Any]:
        """What it lets through, as plain data for a journal."""
        return {
            "tool": self.tool,
            "program": self.program,
            "network": self.network,
            "writable": self.layout.of("write"),
            "readable": self.layout.of("read"),
            "hidden": self.layout.of("hide"),
            "copied": self.layout.of("copy"),
        }

    def tampered(self) -> tuple[Path, ...]:
        """What appeared, went or became a link since, in places that others follow or run, where a sandbox cannot prevent it.

        Until somebody has looked at them, git and editors should not be run there.
        """
        return tuple(path for path, before in self.layout.watched if state(path) != before)


def plan(
    mode: str,
    *,
    directory: Path,
    home: Path,
    environ: Mapping[str, str] = os.environ,
    platform: str = sys.platform,
    network: bool = True,
    programs: Sequence[str] = (),
    writable: Sequence[str] = (),
    readable: Sequence[str] = (),
    state: Sequence[str] = (),
    config: Sequence[str] = (),
    hidden: Sequence[Path] = (),
    temporary: Path | None = None,
) -> Sandbox | None:
    """A sandbox around a working directory; None for `off`, and for nothing else.

    `programs` are run in it, and found on the PATH of `environ`. `writable` and `readable` are paths that somebody allows,
    relative to the directory; `state` and `config` those of the home directory that the programs write and read. `hidden`
    are directories that nothing inside may see. `temporary` takes the place of /tmp on macOS.

    Raises Unavailable `sandbox.unavailable` when the tool is not there, or would be where the inside can write;
    InvalidInput `sandbox.mode`, `sandbox.path` and `sandbox.directory`. Whether it works is for `probe` to say.
    """
    if mode not in MODES:
        raise InvalidInput("sandbox.mode", f"there is no sandbox '{mode}'", hint=f"one of {', '.join(MODES)}")
    if mode == "off":
        return None
    tool = _tool(mode, platform)
    allowed, own = (tuple(writable), tuple(readable)), (tuple(state), tuple(config))
    around = drawing.Surroundings(directory, home, environ, tuple(programs), *allowed, *own)
    program = _program(tool, environ)
    layout = drawing.draw(around, tuple(hidden), (Path(program), Path(sys.executable)))
    return Sandbox(tool, program, Path(os.path.realpath(directory)), layout, network, unreachable(environ, layout), temporary)


def _tool(mode: str, platform: str) -> Tool:
    fitting: Tool | None = {"linux": "bwrap", "darwin": "sandbox-exec"}.get(platform)  # type: ignore[assignment]
    if fitting is None or mode not in ("auto", fitting):
        kind = "a sandbox" if mode == "auto" else mode
        raise unavailable(f"{kind} does not exist on {platform}", "there is bwrap for Linux and sandbox-exec for macOS")
    return fitting


def _program(tool: Tool, environ: Mapping[str, str]) -> str:
    """Where the tool is. That of macOS has one place only."""
    found = shutil.which(seatbelt.SANDBOX_EXEC if tool == "sandbox-exec" else tool, path=environ.get("PATH", ""))
    if found is None:
        raise unavailable(f"the program {tool} is not there", "it is not on the PATH")
    return str(Path(found).absolute())


def unavailable(message: str, cause: str) -> Unavailable:
    """The error that no sandbox can be had: a run that wants one does not start."""
    return Unavailable(
        "sandbox.unavailable",
        message,
        cause=cause,
        hint="on Linux install bubblewrap (apt install bubblewrap, dnf install bubblewrap); --sandbox off runs without one",
    )
