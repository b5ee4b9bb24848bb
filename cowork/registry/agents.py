"""Agents, as the `agent` verbs answer them: roles of packs, files of plugins and `.claude` directories."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cowork.core.outcome import Notice
from cowork.registry import world
from cowork.registry.components import Candidate, find, listed_name, marked, owner, path_of, scope_of
from cowork.registry.world import PackRecord, World


@dataclass(frozen=True)
class AgentItem:
    """An agent. `kind`: role (of a pack's manifest) or file. `shadowed`: a stronger scope has one of the same name.

    `scope`: enterprise, project, user, plugin or builtin; `warnings` are what is wrong with its file, with lines.
    """

    name: str
    display_name: str
    description: str
    kind: str
    scope: str
    pack: str | None
    path: str
    shadowed: bool
    warnings: tuple[str, ...]


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
    warnings: tuple[str, ...]
    prompt: str


def list_agents() -> tuple[AgentList, tuple[Notice, ...]]:
    """Every agent of every active pack and directory."""
    found = world.load(with_builtin=True)
    items = marked([_item(pack, agent) for pack, agent in agent_candidates(found)])
    return AgentList(items, len(items)), tuple(found.notices)


def show_agent(name: str) -> AgentDetail:
    """The agent that answers to a name, bare where only one plugin has it. Raises `agent.not_found`."""
    pack, agent, shadows = find(agent_candidates(world.load(with_builtin=True)), name, what="agent")
    item = _item(pack, agent)
    model: str | None = None
    tools: tuple[str, ...] | None = None
    disallowed: tuple[str, ...] = ()
    prompt = str(agent.get("systemPrompt", ""))
    if item.kind == "file":
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
        warnings=item.warnings,
        prompt=prompt,
    )


def agent_candidates(found: World) -> Iterator[Candidate]:
    """Every agent there is, in registration order."""
    for pack in found.records:
        if pack.state == "active":
            yield from ((pack, dict(role)) for role in pack.body["agent_roles"])
            yield from ((pack, dict(agent)) for agent in pack.body["agents"])


def _item(pack: PackRecord, agent: dict[str, Any]) -> AgentItem:
    return AgentItem(
        name=listed_name(pack, agent),
        display_name=agent.get("displayName") or agent["name"],
        description=agent.get("description", ""),
        kind="file" if "file" in agent else "role",
        scope=scope_of(pack),
        pack=owner(pack),
        path=path_of(pack, agent),
        shadowed=False,
        warnings=tuple(agent.get("warnings", ())),
    )
