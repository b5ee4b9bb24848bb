"""The base system prompt, with what is to be known about the place."""

from __future__ import annotations

import os
import platform
from pathlib import Path

from cowork.core.clock import Clock, SystemClock
from cowork.prompts import library
from cowork.prompts.builder import Layer


def base_layer(project: Path, clock: Clock | None = None) -> Layer:
    """The layer everything else builds on."""
    text = library.text(
        "prompts/system.md",
        WORKING_DIRECTORY=str(project),
        PLATFORM=platform.system(),
        OS_VERSION=platform.release(),
        SHELL=Path(os.environ.get("SHELL", "/bin/sh")).name,
        DATE=f"{(clock or SystemClock()).now():%Y-%m-%d}",
        IS_GIT_REPOSITORY="yes" if (project / ".git").exists() else "no",
    )
    return Layer.of("base", "system", text, scope="builtin", source="templates/prompts/system.md", part="system")
