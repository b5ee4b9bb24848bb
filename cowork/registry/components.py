"""Agents and commands, wherever they come from: roles and slash commands of packs, files of plugins and `.claude`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cowork.core.errors import NotFound
from cowork.core.outcome import Notice
from cowork.core.text import did_you_mean
from cowork.registry import world
from cowork.registry.world import PackRecord, World


@dataclass(frozen=True)
class AgentItem:
    """An agent. `kind`: role (of a pack's manifest) or file. `shadowed`: a stronger scope has one of the same name."""

    name: str
    display_name: str
    description: str
    kind: str
    scope: str
    pack: str | None
    path: str
    shadowed: bool


@dataclass(frozen=True)
class AgentList:
    """Agents sorted by name, of one name the one that is used first."""

    items: tuple[AgentItem, ...]
    count: int


@dataclass(frozen=True)
class AgentDetail:
    """An agent with its prompt. `tools` null means every tool; `shadows` are the paths of those it hides."""

    name: str
    display_name: str
    description: str
    kind: str
    scope: str
    pack: str | None
    path: str
    model: str | None
    tools: tuple[str, ...] | None
    disallowed_tools: tuple[str, ...]
    capabilities: tuple[str, ...]
    shadows: tuple[str, ...]
    prompt: str


@dataclass(frozen=True)
class CommandItem:
    """A command. `runs`: the skill a pack's slash command runs, null for a file. `shadowed` as for agents."""

    name: str
    description: str
    runs: str | None
    scope: str
    pack: str | None
    path: str
    shadowed: bool


@dataclass(frozen=True)
class CommandList:
    """Commands sorted by name, of one name the one that is used first."""

    items: tuple[CommandItem, ...]
    count: int


@dataclass(frozen=True)
class CommandDetail:
    """A command with its text; nothing in it is run by showing it."""

    name: str
    description: str
    runs: str | None
    scope: str
    pack: str | None
    path: str
    argument_hint: str | None
    allowed_tools: tuple[str, ...] | None
    shadows: tuple[str, ...]
    text: str


def list_agents() -> tuple[AgentList, tuple[Notice, ...]]:
    """Every agent of every active pack and directory."""
    found = world.load()
    items = _marked([_agent_item(pack, agent) for pack, agent in _agents(found)])
    return AgentList(tuple(items), len(items)), tuple(found.notices)


def show_agent(name: str) -> AgentDetail:
    """The agent that answers to a name, bare where only one plugin has it. Raises `agent.not_found`."""
    agents = list(_agents(world.load()))
    matching = [(pack, agent) for pack, agent in agents if name in (agent["name"], _namespaced(pack, agent))]
    matching = matching or [(pack, agent) for pack, agent in agents if _namespaced(pack, agent).endswith(f":{name}")]
    if not matching:
        known = [_namespaced(pack, agent) for pack, agent in agents]
        hint = did_you_mean(name, known, "list them with: cowork agent list")
        raise NotFound("agent.not_found", f"there is no agent '{name}'", hint=hint, details={"name": name})
    pack, agent = matching[-1]
    return _agent_detail(pack, agent, tuple(_path(other, item) for other, item in matching[:-1]))


def list_commands() -> tuple[CommandList, tuple[Notice, ...]]:
    """Every command of every active pack and directory."""
    found = world.load()
    items = _marked([_command_item(pack, command) for pack, command in _commands(found)])
    return CommandList(tuple(items), len(items)), tuple(found.notices)


def show_command(name: str) -> CommandDetail:
    """The command that answers to a name, with or without its slash. Raises `command.not_found`."""
    wanted = name.removeprefix("/")
    commands = list(_commands(world.load()))
    matching = [(pack, command) for pack, command in commands if wanted in (command["name"], _namespaced(pack, command))]
    matching = matching or [(pack, item) for pack, item in commands if _namespaced(pack, item).endswith(f":{wanted}")]
    if not matching:
        known = [_namespaced(pack, command) for pack, command in commands]
        hint = did_you_mean(wanted, known, "list them with: cowork command list")
        raise NotFound("command.not_found", f"there is no command '/{wanted}'", hint=hint, details={"command": wanted})
    pack, command = matching[-1]
    return _command_detail(pack, command, tuple(_path(other, item) for other, item in matching[:-1]))


def _agents(found: World) -> Iterator[tuple[PackRecord, dict[str, Any]]]:
    for pack in found.records:
        if pack.state == "active":
            for role in pack.body["agent_roles"]:
                yield pack, {**role, "kind": "role"}
            for agent in pack.body["agents"]:
                yield pack, {**agent, "kind": "file"}


def _commands(found: World) -> Iterator[tuple[PackRecord, dict[str, Any]]]:
    for pack in found.records:
        if pack.state == "active":
            for slash in pack.body["slash_commands"]:
                yield pack, {**slash, "name": slash["name"].removeprefix("/")}
            for command in pack.body["commands"]:
                yield pack, dict(command)


def _namespaced(pack: PackRecord, item: dict[str, Any]) -> str:
    """The name an item is listed under: files of a plugin carry the plugin's name."""
    name = str(item["name"])
    return f"{pack.name}:{name}" if "file" in item and not pack.root.single else name


def _path(pack: PackRecord, item: dict[str, Any]) -> str:
    return str(item.get("file") or pack.head["path"])


def _agent_item(pack: PackRecord, agent: dict[str, Any]) -> AgentItem:
    return AgentItem(
        name=_namespaced(pack, agent),
        display_name=agent.get("displayName") or agent["name"],
        description=agent.get("description", ""),
        kind=agent["kind"],
        scope=pack.scope,
        pack=None if pack.root.single else pack.name,
        path=_path(pack, agent),
        shadowed=False,
    )


def _agent_detail(pack: PackRecord, agent: dict[str, Any], shadows: tuple[str, ...]) -> AgentDetail:
    item = _agent_item(pack, agent)
    model: str | None = None
    tools: tuple[str, ...] | None = None
    disallowed: tuple[str, ...] = ()
    prompt = str(agent.get("systemPrompt", ""))
    if agent["kind"] == "file":
        from cowork.registry.component_texts import agent_file

        read = agent_file(item.path, plugin=not pack.root.single)
        model, tools, disallowed, prompt = read.model, read.tools, read.disallowed_tools, read.prompt
    return AgentDetail(
        name=item.name,
        display_name=item.display_name,
        description=item.description,
        kind=item.kind,
        scope=item.scope,
        pack=item.pack,
        path=item.path,
        model=model,
        tools=tools,
        disallowed_tools=disallowed,
        capabilities=tuple(agent.get("capabilities", ())),
        shadows=shadows,
        prompt=prompt,
    )


def _command_item(pack: PackRecord, command: dict[str, Any]) -> CommandItem:
    return CommandItem(
        name=_namespaced(pack, command),
        description=command.get("description", ""),
        runs=command.get("skill_id"),
        scope=pack.scope,
        pack=None if pack.root.single else pack.name,
        path=_path(pack, command),
        shadowed=False,
    )


def _command_detail(pack: PackRecord, command: dict[str, Any], shadows: tuple[str, ...]) -> CommandDetail:
    item = _command_item(pack, command)
    hint: str | None = None
    tools: tuple[str, ...] | None = None
    if item.runs is None:
        from cowork.registry.component_texts import command_file

        read = command_file(item.path, item.name)
        hint, tools, text = read.argument_hint, read.allowed_tools, read.body
    else:
        text = f"runs the skill {item.runs}; see: cowork skill show {item.runs}"
    return CommandDetail(
        name=item.name,
        description=item.description,
        runs=item.runs,
        scope=item.scope,
        pack=item.pack,
        path=item.path,
        argument_hint=hint,
        allowed_tools=tools,
        shadows=shadows,
        text=text,
    )


def _marked(items: list[Any]) -> list[Any]:
    """Sorted by name; of one name the last registered is used, the others are shadowed."""
    from dataclasses import replace

    winners = {item.name: position for position, item in enumerate(items)}
    marked = [(replace(item, shadowed=winners[item.name] != position), -position) for position, item in enumerate(items)]
    return [item for item, _ in sorted(marked, key=lambda pair: (pair[0].name, pair[0].shadowed, pair[1]))]
