"""Commands, as the `command` verbs answer them: slash commands of packs, files of plugins and `.claude` directories."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cowork.core.outcome import Notice
from cowork.registry import world
from cowork.registry.components import Candidate, find, listed_name, marked, owner, path_of, scope_of
from cowork.registry.world import PackRecord, World


@dataclass(frozen=True)
class CommandItem:
    """A command. `runs`: the skill a pack's slash command runs, null for a file. `shadowed`: a stronger scope has it too.

    `scope`: enterprise, project, user, plugin or builtin; `warnings` are what is wrong with its file, with lines.
    """

    name: str
    description: str
    runs: str | None
    scope: str
    pack: str | None
    path: str
    shadowed: bool
    warnings: tuple[str, ...]


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
    warnings: tuple[str, ...]
    text: str


def list_commands() -> tuple[CommandList, tuple[Notice, ...]]:
    """Every command of every active pack and directory."""
    found = world.load(with_builtin=True)
    items = marked([_item(pack, command) for pack, command in command_candidates(found)])
    return CommandList(items, len(items)), tuple(found.notices)


def show_command(name: str) -> CommandDetail:
    """The command that answers to a name, with or without its slash. Raises `command.not_found`."""
    pack, command, shadows = find(command_candidates(world.load(with_builtin=True)), name.removeprefix("/"), what="command")
    item = _item(pack, command)
    hint: str | None = None
    tools: tuple[str, ...] | None = None
    text = f"runs the skill {item.runs}; see: cowork skill show {item.runs}"
    if item.runs is None:
        from cowork.registry.component_texts import command_file

        read = command_file(item.path, item.name)
        hint, tools, text = read.argument_hint, read.allowed_tools, read.body
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
        warnings=item.warnings,
        text=text,
    )


def command_candidates(found: World) -> Iterator[Candidate]:
    """Every command there is, in registration order."""
    for pack in found.records:
        if pack.state == "active":
            yield from ((pack, {**slash, "name": slash["name"].removeprefix("/")}) for slash in pack.body["slash_commands"])
            yield from ((pack, dict(command)) for command in pack.body["commands"])


def _item(pack: PackRecord, command: dict[str, Any]) -> CommandItem:
    return CommandItem(
        name=listed_name(pack, command),
        description=command.get("description", ""),
        runs=command.get("skill_id"),
        scope=scope_of(pack),
        pack=owner(pack),
        path=path_of(pack, command),
        shadowed=False,
        warnings=tuple(command.get("warnings", ())),
    )
