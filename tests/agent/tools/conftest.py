"""A workspace of its own for every test, and no process that outlives it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from cowork.agent.tools.base import Workspace
from cowork.core.clock import SystemClock
from tests.agent.tools.workshop import Workshop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    """A workspace in an empty directory."""
    root = tmp_path / "root"
    root.mkdir()
    seen: list[tuple[str, dict[str, object]]] = []
    workspace = Workspace(
        root=Path(os.path.realpath(root)),
        environment={"PATH": os.environ["PATH"], "HOME": str(tmp_path / "user"), "LANG": "C.UTF-8"},
        output=tmp_path / "output",
        clock=SystemClock(),
        on_event=lambda kind, data: seen.append((kind, data)),
        stopping=asyncio.Event(),
    )
    handles = open_handles()
    yield Workshop(workspace, seen)
    assert open_handles() <= handles, "something was left open"


def open_handles() -> int:
    """How many files, pipes and sockets this process holds."""
    return len(os.listdir("/proc/self/fd"))
