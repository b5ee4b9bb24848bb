"""Agents and commands, for a person."""

from __future__ import annotations

from cowork.registry.agents import AgentDetail, AgentList
from cowork.registry.commands import CommandDetail, CommandList
from cowork.render.screen import Screen


def agents(data: AgentList, screen: Screen) -> None:
    """A table of agents."""
    rows = [(item.name, item.scope, "shadowed" if item.shadowed else item.kind, item.description) for item in data.items]
    screen.table(("AGENT", "SCOPE", "KIND", "WHAT IT IS"), rows)


def agent(data: AgentDetail, screen: Screen) -> None:
    """An agent's page."""
    screen.title(data.display_name, f"{data.name} · {data.scope}")
    screen.text(data.description)
    screen.facts(
        {
            "pack": data.pack,
            "model": data.model,
            "tools": data.tools if data.tools is not None else "all",
            "without": data.disallowed_tools,
            "capabilities": data.capabilities,
            "path": data.path,
            "hides": data.shadows,
        }
    )
    screen.section("Prompt")
    screen.text(data.prompt)


def commands(data: CommandList, screen: Screen) -> None:
    """A table of commands."""
    rows = [
        (f"/{item.name}", item.scope, "shadowed" if item.shadowed else item.runs or "file", item.description)
        for item in data.items
    ]
    screen.table(("COMMAND", "SCOPE", "RUNS", "WHAT IT DOES"), rows)


def command(data: CommandDetail, screen: Screen) -> None:
    """A command's page."""
    screen.title(f"/{data.name}", data.scope)
    screen.text(data.description)
    screen.facts(
        {
            "runs": data.runs,
            "takes": data.argument_hint,
            "allowed tools": data.allowed_tools,
            "path": data.path,
            "hides": data.shadows,
        }
    )
    screen.section("Text")
    screen.text(data.text)
