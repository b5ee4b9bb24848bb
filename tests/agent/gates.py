"""A permission gate by itself, for what no command line in a test can do: a person who answers."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cowork.agent.gate import Ask, Decision, PermissionGate
from cowork.agent.permissions import Mode, Permissions
from cowork.agent.tools.base import Workspace
from cowork.agent.tools.registry import standard_tools
from cowork.hooks.decision import merge
from cowork.hooks.records import Merged
from cowork.models.chat import ToolCall
from cowork.rules.permissions import PermissionRules
from cowork.rules.restrictions import ToolRestrictions
from tests.support import FakeClock


class Listening:
    """Hooks that hear every event and decide nothing."""

    def __init__(self, heard: Callable[[str], object]) -> None:
        self._heard = heard

    async def fire(self, event: str, **_fields: Any) -> Merged:
        self._heard(event)
        return merge(event, [])


def gate_with(
    root: Path, ask: Ask | None, heard: Callable[[str], object], *, mode: Mode = "default"
) -> Callable[..., Decision]:
    """Judges calls by name and arguments, without rules."""
    workspace = Workspace(
        root=root.resolve(),
        environment={},
        output=root,
        clock=FakeClock(),
        on_event=lambda _kind, _data: None,
        stopping=asyncio.Event(),
    )
    hooks: Any = Listening(heard)
    permissions = Permissions(PermissionRules(), mode, ())
    gate = PermissionGate(standard_tools(), ToolRestrictions(), permissions, workspace, hooks, ask)
    numbers = itertools.count(1)

    def judge(tool: str, **arguments: Any) -> Decision:
        return asyncio.run(gate.judge(ToolCall(f"c{next(numbers)}", tool, arguments, json.dumps(arguments))))

    return judge
