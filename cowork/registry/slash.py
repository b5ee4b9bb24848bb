"""Slash commands: which skill a `/name` runs, and how free text becomes parameters."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from cowork.core.errors import InvalidInput, NotFound
from cowork.core.text import did_you_mean
from cowork.formats.parameter import Parameter
from cowork.registry import lookup, world
from cowork.registry.world import PackRecord

# From the original application; names are compared without case and without the leading slash.
NAME = re.compile(r"[a-z0-9][a-z0-9-]*(?::[a-z0-9][a-z0-9-]*)?")
_USUAL = ("objective", "input", "prompt", "query", "text")


def resolve(command: str) -> str:
    """The id of the skill that `/command` runs.

    The strongest active pack that declares the command wins, if its skill exists and is on, whichever pack that is in;
    else a skill of that id; else what a blocked pack would run, for the gate to refuse by name. Raises `command.bad_name`,
    `command.not_found`.
    """
    name = command.removeprefix("/").casefold()
    if not NAME.fullmatch(name):
        raise InvalidInput("command.bad_name", f"'{command}' is not a slash command", hint="for example /code-review-prep")
    found = world.load()
    skills = {skill["id"].casefold(): skill["id"] for _, skill in found.skills()}
    declared: list[str] = []
    for pack in reversed(found.packs):
        if pack.state == "active":
            for item in pack.body["slash_commands"]:
                declared.append(item["name"])
                target = skills.get(item["skill_id"].casefold())
                if item["name"].removeprefix("/").casefold() == name and target is not None:
                    return target
    if name in skills:
        return skills[name]
    for pack in reversed(found.packs):
        if pack.state == "blocked" and (refused := _own_skill(pack, name, skills)):
            return refused
    hint = did_you_mean(name, [*declared, *skills], "list them with: cowork command list")
    raise NotFound("command.not_found", f"there is no command '/{name}'", hint=hint, details={"command": name})


def _own_skill(pack: PackRecord, name: str, taken: Mapping[str, str]) -> str | None:
    """The skill of a blocked pack that a command would run, unless a pack that is on has it too."""
    commands = pack.body["slash_commands"]
    wanted = {item["skill_id"].casefold() for item in commands if item["name"].removeprefix("/").casefold() == name} | {name}
    own = [skill["id"] for skill in pack.body["skills"] if skill["id"].casefold() in wanted - taken.keys()]
    return own[0] if own else None


def given(skill_id: str, text: str, named: Mapping[str, str]) -> Mapping[str, str]:
    """The parameters that a command gives its skill: those given by name, and of the others what its text gives.

    Raises `command.*` and what finding the skill raises.
    """
    _, pack, skill = lookup.find_skill(skill_id)
    others = [parameter for parameter in lookup.skill_text(pack, skill).parameters if parameter.name not in named]
    return {**from_text(others, text), **named}


def from_text(parameters: Sequence[Parameter], text: str) -> Mapping[str, str]:
    """Free text as parameters.

    A JSON object gives them by name; any other text goes to the first of objective, input, prompt, query, text that is
    declared, else to the only parameter, else to the only required one, else to the first. Empty text gives none.
    """
    if not text.strip():
        return {}
    named = _object(text)
    if named is not None:
        return named
    names = [parameter.name for parameter in parameters]
    required = [parameter.name for parameter in parameters if parameter.required]
    if not names:
        raise InvalidInput(
            "command.takes_nothing", "this command takes no text", cause=f"it is {text[:60]!r}", hint="leave the text out"
        )
    usual = [name for name in _USUAL if name in names]
    target = usual[0] if usual else required[0] if len(names) > 1 and len(required) == 1 else names[0]
    return {target: text}


def _object(text: str) -> dict[str, str] | None:
    if not text.lstrip().startswith("{"):
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    return {name: item if isinstance(item, str) else json.dumps(item, ensure_ascii=False) for name, item in value.items()}
