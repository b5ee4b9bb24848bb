"""Rendering a skill: parameters bound, placeholders filled once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cowork.core.errors import InvalidInput
from cowork.core.outcome import Notice
from cowork.core.paths import project_dir
from cowork.formats.cowork_plugin import FILE_NAME
from cowork.prompts import parameters, places, substitution, variables
from cowork.prompts.arguments import Arguments
from cowork.prompts.expansion import prepare
from cowork.registry import lookup
from cowork.registry.entries import SkillHead
from cowork.registry.loading import load_skill
from cowork.registry.world import PackRecord


@dataclass(frozen=True)
class RenderedSkill:
    """A skill's prompt as a model would receive it, with the value of every parameter."""

    skill: str
    pack: str
    parameters: dict[str, str | float | bool | None]
    prompt: str


def render_skill(
    skill_id: str, given: Mapping[str, str], arguments: str | None = None
) -> tuple[RenderedSkill, tuple[Notice, ...]]:
    """The rendered prompt, and a notice per unknown placeholder and per thing that the skill needs and that is not here.

    With `arguments`, a SKILL.md is filled as an invocation would fill it; its shell blocks are shown and never run. Raises
    what `registry.lookup.find_skill` raises, a parameter error of `prompts.parameters.bind`, `skill.takes_parameters` where
    arguments are given to a prompt with parameters, and `prompt.unsafe_*`.
    """
    _, pack, skill = lookup.find_skill(skill_id)
    if arguments is not None:
        return _with_arguments(pack, skill, given, arguments), ()
    text = lookup.skill_text(pack, skill)
    values = parameters.bind(text.parameters, given)
    prompt, unknown = substitution.fill(text.prompt, values, places.of_skill(skill))
    notices = (
        *(Notice("skill.missing_requirement", f"{skill_id}: {lack}") for lack in text.missing),
        *(
            Notice("skill.unknown_placeholder", f"{skill_id}: '{{{{{name}}}}}' is not a parameter and stays as it is")
            for name in unknown
        ),
    )
    return RenderedSkill(skill["id"], pack.name, values, prompt), notices


def _with_arguments(pack: PackRecord, head: SkillHead, given: Mapping[str, str], text: str) -> RenderedSkill:
    if Path(head["file"]).name == FILE_NAME:
        hint = f"see its parameters with: cowork skill show {head['id']}"
        raise InvalidInput("skill.takes_parameters", f"the skill '{head['id']}' takes parameters, not arguments", hint=hint)
    parameters.bind((), given)
    loaded = load_skill(pack, head)
    root = loaded.place.plugin_root
    known = variables.of("skill", project=project_dir(), skill_directory=loaded.directory, plugin_root=root)
    prepared = prepare(loaded.file.body, Arguments(text, loaded.file.arguments), known)
    return RenderedSkill(loaded.name, pack.name, {}, prepared.shown().strip())
