"""Rendering a skill: parameters bound, placeholders filled once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cowork.core.outcome import Notice
from cowork.prompts import parameters, substitution
from cowork.registry.discovery import find_skill


@dataclass(frozen=True)
class RenderedSkill:
    """A skill's prompt as a model would receive it, with the value of every parameter."""

    skill: str
    pack: str
    parameters: dict[str, str | float | bool | None]
    prompt: str


def render_skill(skill_id: str, given: Mapping[str, str]) -> tuple[RenderedSkill, tuple[Notice, ...]]:
    """The rendered prompt and a notice per unknown placeholder.

    Raises `skill.not_found` or a parameter error of `prompts.parameters.bind`.
    """
    pack, skill = find_skill(skill_id)
    values = parameters.bind(skill.parameters, given)
    prompt, unknown = substitution.fill(skill.prompt, values)
    notices = tuple(
        Notice("skill.unknown_placeholder", f"{skill_id}: '{{{{{name}}}}}' is not a parameter and stays as it is")
        for name in unknown
    )
    return RenderedSkill(skill.id, pack.name, values, prompt), notices
