"""Persona templates: the JSON blueprints of twins. Unknown fields are kept; heartbeat and tasks may be absent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic.alias_generators import to_camel

from cowork.core.errors import InvalidInput

OffloadCategory = Literal[
    "context-switching",
    "status-reporting",
    "information-triage",
    "decision-preparation",
    "documentation",
    "review-preparation",
    "dependency-tracking",
    "compliance-checks",
    "knowledge-curation",
    "routine-automation",
]


class _Section(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True, alias_generator=to_camel, populate_by_name=True)


class Role(_Section):
    """What the twin may do and who it is. `soul` is an object; files carry it as a JSON text."""

    capabilities: list[str] = Field(min_length=1)
    autonomy_level: Literal["intern", "specialist", "lead"] = "specialist"
    personality_id: str = "professional"
    system_prompt: str = Field(min_length=1)
    soul: dict[str, Any] = Field(default_factory=dict)

    @field_validator("soul", mode="before")
    @classmethod
    def _soul_from_text(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            parsed = json.loads(value)
        except (ValueError, RecursionError):
            return {"name": value}
        return parsed if isinstance(parsed, dict) else {"name": value}


class Heartbeat(_Section):
    """How often the twin wakes, in minutes, and its first delay."""

    enabled: bool = False
    interval_minutes: int = Field(default=60, ge=1)
    stagger_offset: int = Field(default=0, ge=0)


class ProactiveTask(_Section):
    """Work the twin does by itself. `frequency_minutes` is how often; lower `priority` goes first."""

    id: str = Field(min_length=1)
    name: str = Field(min_length=1)
    description: str = ""
    category: OffloadCategory
    prompt_template: str = Field(min_length=1)
    frequency_minutes: int = Field(ge=1)
    priority: int = 99
    enabled: bool = True
    evidence: list[str] = Field(default_factory=list)


class CognitiveOffload(_Section):
    """Which mental work the twin takes over, and the tasks that do it."""

    primary_categories: list[OffloadCategory] = Field(default_factory=list)
    proactive_tasks: list[ProactiveTask] = Field(default_factory=list)


class SkillReference(_Section):
    """A skill the twin is better with."""

    skill_id: str
    reason: str = ""
    required: bool = False


class PersonaTemplate(_Section):
    """A whole template."""

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)
    version: str
    name: str = Field(min_length=1)
    description: str = Field(min_length=1)
    icon: str
    color: str
    category: Literal["engineering", "management", "product", "data", "operations"]
    role: Role
    heartbeat: Heartbeat = Field(default_factory=Heartbeat)
    cognitive_offload: CognitiveOffload = Field(default_factory=CognitiveOffload)
    skills: list[SkillReference]
    tags: list[str]
    seniority_range: list[str] = Field(default_factory=list)
    industry_agnostic: bool = True


def parse(document: Any, *, path: Path) -> PersonaTemplate:
    """The template in a parsed document. Raises `persona.invalid` naming the file, the field and the rule."""
    try:
        return PersonaTemplate.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the document"
        raise InvalidInput(
            "persona.invalid",
            f"{path}: {place}: {first['msg']}",
            cause="the persona template breaks its schema",
            hint="mend that field",
            details={"path": str(path), "field": place},
        ) from None
