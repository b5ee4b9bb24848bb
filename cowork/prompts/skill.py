"""Rendering a skill: parameters bound, placeholders filled once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cowork.core.outcome import Notice
from cowork.prompts import parameters, substitution
from cowork.registry import lookup


@dataclass(frozen=True)
class RenderedSkill:
    """A skill's prompt as a model would receive it, with the value of every parameter."""

    skill: str
    pack: str
    parameters: dict[str, str | float | bool | None]
    prompt: str


def render_skill(skill_id: str, given: Mapping[str, str]) -> tuple[RenderedSkill, tuple[Notice, ...]]:
    """The rendered prompt and a notice per unknown placeholder.

    Raises what `registry.lookup.find_skill` raises, or a parameter error of `prompts.parameters.bind`.
    """
    _, pack, skill = lookup.find_skill(skill_id)
    template, declared = lookup.skill_text(pack, skill)
    values = parameters.bind(declared, given)
    prompt, unknown = substitution.fill(template, values)
    notices = tuple(
        Notice("skill.unknown_placeholder", f"{skill_id}: '{{{{{name}}}}}' is not a parameter and stays as it is")
        for name in unknown
    )
    return RenderedSkill(skill["id"], pack.name, values, prompt), notices
