"""Persona templates: the JSON blueprints of twins. Unknown fields are kept; heartbeat and tasks may be absent."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from cowork.core.errors import InvalidInput
from cowork.core.outcome import Notice
from cowork.formats.persona_mending import DEFAULT_INTERVAL, DEFAULT_PRIORITY, ID, TASK_ID, mend
from cowork.formats.persona_words import CAPABILITIES, CATEGORIES, OFFLOAD

_KNOWN = {"capabilities": list(CAPABILITIES), "categories": list(CATEGORIES), "offload": list(OFFLOAD)}


class _Section(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True, alias_generator=to_camel, populate_by_name=True)


class Role(_Section):
    """What the twin may do and who it is. `soul` is an object; files carry it as a JSON text."""

    capabilities: list[str] = Field(min_length=1, examples=[_KNOWN["capabilities"]])
    autonomy_level: Literal["intern", "specialist", "lead"] = "specialist"
    personality_id: str = "professional"
    system_prompt: str = Field(min_length=1)
    soul: dict[str, Any] = Field(default_factory=dict)


class Heartbeat(_Section):
    """How often the twin wakes, in minutes, and its first delay."""

    enabled: bool = False
    interval_minutes: int = Field(default=DEFAULT_INTERVAL, ge=1)
    stagger_offset: int = Field(default=0, ge=0)


class ProactiveTask(_Section):
    """Work the twin does by itself. `frequency_minutes` is how often; lower `priority` goes first."""

    id: str = Field(pattern=TASK_ID)
    name: str = Field(min_length=1)
    description: str = ""
    category: str = Field(examples=_KNOWN["offload"])
    prompt_template: str = Field(min_length=1)
    frequency_minutes: int = Field(ge=1)
    priority: int = DEFAULT_PRIORITY
    enabled: bool = True
    evidence: list[str] = Field(default_factory=list)


class CognitiveOffload(_Section):
    """Which mental work the twin takes over, and the tasks that do it."""

    primary_categories: list[str] = Field(default_factory=list, examples=[_KNOWN["offload"]])
    proactive_tasks: list[ProactiveTask] = Field(default_factory=list)


class SkillReference(_Section):
    """A skill the twin is better with."""

    skill_id: str
    reason: str = ""
    required: bool = False


class PersonaTemplate(_Section):
    """A whole template, as it should be written. What real files leave out or get wrong is mended before."""

    id: str = Field(pattern=ID)
    version: str
    name: str = Field(min_length=1)
    description: str = Field(min_length=1)
    icon: str
    color: str
    category: str = Field(examples=_KNOWN["categories"])
    role: Role
    heartbeat: Heartbeat = Field(default_factory=Heartbeat)
    cognitive_offload: CognitiveOffload = Field(default_factory=CognitiveOffload)
    skills: list[SkillReference]
    tags: list[str]
    seniority_range: list[str] = Field(default_factory=list)
    industry_agnostic: bool = True


class Parsed(NamedTuple):
    """A template, and what was mended to make it one."""

    template: PersonaTemplate
    notices: tuple[Notice, ...]


def parse(document: Any, *, path: Path) -> Parsed:
    """The template in a parsed document. Raises `persona.invalid` naming the file, the field and the rule."""
    mended = mend(document, path=path)
    return Parsed(validate(mended.document, path=path), mended.notices)


def validate(document: Any, *, path: Path) -> PersonaTemplate:
    """The template in a document that is mended, or is to need no mending. Raises `persona.invalid`."""
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
