"""Agents, commands and skills with everything in their files and the place they come from, for whoever runs them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cowork.formats import agent_md, skill_md
from cowork.formats.agent_md import AgentFile
from cowork.formats.command_md import CommandFile
from cowork.formats.skill_md import SkillFile
from cowork.registry import world
from cowork.registry.agents import agent_candidates
from cowork.registry.commands import command_candidates
from cowork.registry.component_texts import agent_file, command_file, read_component
from cowork.registry.components import find, listed_name, path_of, scope_of
from cowork.registry.entries import SkillHead
from cowork.registry.world import PackRecord


@dataclass(frozen=True)
class Place:
    """Where a component lies. `pack` is None in a `.claude` directory; `plugin_root` is its pack's directory, or None.

    `in_project`: it came with the project, so what it wants to run waits for the user's trust.
    """

    scope: str
    pack: str | None
    path: str
    plugin_root: str | None
    in_project: bool

    @classmethod
    def of(cls, record: PackRecord, path: str) -> Place:
        """The place of a component of `record`."""
        single = record.root.single
        root = None if single else record.head["path"]
        return cls(scope_of(record), None if single else record.name, path, root, record.scope == "project")


@dataclass(frozen=True)
class LoadedAgent:
    """An agent, as its file or its pack's manifest has it."""

    name: str
    place: Place
    file: AgentFile


@dataclass(frozen=True)
class LoadedCommand:
    """A command file."""

    name: str
    place: Place
    file: CommandFile


@dataclass(frozen=True)
class LoadedSkill:
    """A SKILL.md; `directory` is where it lies."""

    name: str
    place: Place
    directory: str
    file: SkillFile


def load_agent(name: str) -> LoadedAgent:
    """The agent that answers to a name. Raises `agent.not_found`, `component.unreadable`."""
    record, item, _ = find(agent_candidates(world.load(with_builtin=True)), name, what="agent")
    place = Place.of(record, path_of(record, item))
    called = listed_name(record, item)
    if "file" in item:
        return LoadedAgent(called, place, agent_file(place.path, plugin=not record.root.single))
    return LoadedAgent(called, place, _role(item))


def load_command(name: str) -> LoadedCommand:
    """The command file that answers to a name; slash commands of manifests are not files. Raises `command.not_found`."""
    candidates = [(record, item) for record, item in command_candidates(world.load(with_builtin=True)) if "file" in item]
    record, item, _ = find(candidates, name, what="command")
    place = Place.of(record, path_of(record, item))
    called = listed_name(record, item)
    return LoadedCommand(called, place, command_file(place.path, called))


def load_skill(record: PackRecord, head: SkillHead) -> LoadedSkill:
    """The SKILL.md of a skill that `lookup.find_skill` has found. Raises `component.unreadable`."""
    path = Path(head["file"])
    file, _ = skill_md.parse(read_component(str(path)), file=str(path), directory=path.parent.name)
    return LoadedSkill(head["id"], Place.of(record, str(path)), str(path.parent), file)


def _role(item: Mapping[str, Any]) -> AgentFile:
    """A role of a manifest as an agent: a prompt, and no rules of its own."""
    text = f"---\nname: {item['name']}\ndescription: role\n---\n"
    agent, _ = agent_md.parse(text, file="", stem="role", origin="plugin")
    assert agent is not None
    import dataclasses

    return dataclasses.replace(agent, description=item.get("description", ""), prompt=str(item.get("systemPrompt", "")))
