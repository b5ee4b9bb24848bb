"""Tool rules and their verdicts, for a person."""

from __future__ import annotations

from cowork.prompts.tool_check import ToolCheck
from cowork.render.screen import Screen

_SIGNS = {"allow": "✓ allowed", "deny": "✗ denied", "ask": "✗ denied: a person must be asked"}


def checked(data: ToolCheck, screen: Screen) -> None:
    """The verdict, the rule and the reason; or the built-in set."""
    if data.outcome is None:
        screen.title("Built-in set of harmless commands", data.reason)
        screen.table(("COMMAND",), [(item,) for item in data.items])
        return
    screen.title(_SIGNS[data.outcome], str(data.tool))
    screen.facts({"rule": data.rule, "from": data.source, "why": data.reason})
