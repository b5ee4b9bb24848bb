"""The base system prompt, with what is to be known about the place."""

from __future__ import annotations

import os
import platform
from pathlib import Path

from cowork.core.clock import Clock, SystemClock
from cowork.core.text import one_line
from cowork.prompts import builtin
from cowork.prompts.builder import Layer
from cowork.prompts.variables import Surroundings


def base_layer(project: Path, model: str, clock: Clock | None = None) -> Layer:
    """The layer everything else builds on."""
    text = builtin.system_prompt(surroundings(project, model, clock or SystemClock()))
    return Layer.of("base", "system", text, scope="builtin", source="templates/prompts/system.md", part="system")


def surroundings(project: Path, model: str, clock: Clock) -> Surroundings:
    """Where a conversation takes place, for the system prompt and for the variables of commands and skills."""
    return Surroundings(
        working_directory=str(project),
        platform=platform.system(),
        os_version=platform.release(),
        shell=Path(os.environ.get("SHELL", "/bin/sh")).name,
        date=f"{clock.now():%Y-%m-%d}",
        is_git_repo=(project / ".git").exists(),
        git_branch=_branch(project).removeprefix("on branch "),
        git_status=_branch(project),
        model=model,
    )


def _branch(project: Path) -> str:
    """Which branch is checked out. No git is started for it: a repository's own configuration can make git run programs."""
    try:
        head = (project / ".git" / "HEAD").read_text(encoding="utf-8", errors="replace")[:200].strip()
    except OSError:
        return "unknown"
    return one_line(f"on branch {head.removeprefix('ref: refs/heads/')}" if head.startswith("ref: ") else f"at commit {head}")
