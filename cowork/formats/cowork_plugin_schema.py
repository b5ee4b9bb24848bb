"""The schema of `cowork.plugin.json`, as pydantic models. Imported only where a manifest is validated.

What files in the wild do is allowed: any icon, any licence, any capability, ids with `:`, versions with a tail.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, ValidationInfo, WithJsonSchema, field_validator
from pydantic_core import PydanticCustomError

from cowork.formats.cowork_plugin_parts import (
    ConfigSchema,
    ConnectorModel,
    InstallStep,
    Invocation,
    Platform,
    Requires,
    Version,
)
from cowork.formats.section import InsidePath, Section, Text, unknown_keys

__all__ = ["EXPLAIN", "Manifest", "Section", "unknown_keys"]

NAME = r"^[a-z0-9][a-z0-9_-]*$"
IDENTIFIER = r"^[A-Za-z0-9][A-Za-z0-9_.-]*(:[A-Za-z0-9][A-Za-z0-9_.-]*)?$"
PARAMETER = r"^\w+$"
COLOR = r"^#[0-9A-Fa-f]{6}$"
EXPLAIN = {
    NAME: "a name: a-z, 0-9, - and _, starting with a letter or digit",
    IDENTIFIER: "an id: letters, digits, . _ and -, with at most one : inside",
    PARAMETER: "a parameter's name: letters, digits and _",
    COLOR: "a colour such as #6366f1",
    r"^[0-9]+\.[0-9]+\.[0-9]+": "a version such as 1.0.0",
}

Name = Annotated[str, StringConstraints(pattern=NAME, max_length=64)]
Identifier = Annotated[str, StringConstraints(pattern=IDENTIFIER)]
Color = Annotated[str, StringConstraints(pattern=COLOR)]
Scalar = Annotated[Any, WithJsonSchema({"type": ["string", "number", "boolean", "null"]})]
_KINDS: dict[str, Any] = {"string": str, "select": str, "number": (int, float), "boolean": bool}


class ParameterModel(Section):
    """A parameter of a skill. A select has options, and a default is one of them."""

    name: Annotated[str, StringConstraints(pattern=PARAMETER)]
    type: Literal["string", "number", "boolean", "select"]
    description: str = ""
    required: bool = False
    options: list[str] = Field(default_factory=list, validate_default=True)
    default: Scalar = None

    @field_validator("options")
    @classmethod
    def _to_choose_from(cls, options: list[str], info: ValidationInfo) -> list[str]:
        if info.data.get("type") == "select" and not options:
            raise _refusal("a select parameter needs options", 'add "options": ["...", "..."]')
        return options

    @field_validator("default")
    @classmethod
    def _of_its_type(cls, default: Any, info: ValidationInfo) -> Any:
        kind, options = info.data.get("type"), info.data.get("options")
        if default is None or kind is None:
            return default
        if not isinstance(default, _KINDS[kind]) or (kind == "number" and isinstance(default, bool)):
            raise _refusal(f"default {default!r:.60} is not a {kind}", f"write a {kind}, or leave it out")
        if kind == "select" and options is not None and default not in options:
            raise _refusal(f"default {default!r:.60} is not one of the options", "add it to the options, or choose one of them")
        return default


class SkillModel(Section):
    """A skill: a prompt and its parameters. A guideline is told to the model always, a task when asked."""

    id: Identifier
    name: Text
    description: Text
    prompt: Text
    icon: str = ""
    category: str = ""
    parameters: list[ParameterModel] = Field(default_factory=list)
    enabled: bool = True
    priority: float = 100
    type: Literal["task", "guideline"] = "task"
    source: str | None = None
    file_path: str | None = None
    requires: Requires | None = None
    install: list[InstallStep] = Field(default_factory=list)
    invocation: Invocation | None = None
    metadata: dict[str, Any] = Field(default_factory=dict)


class DirectoryModel(Section):
    """A skill in a directory of its own, which holds a SKILL.md. What is left out, its frontmatter says."""

    id: Identifier
    path: InsidePath
    name: str | None = None
    description: str | None = None
    icon: str | None = None
    category: str | None = None
    enabled: bool = True


class RoleModel(Section):
    """An agent role."""

    name: Text
    display_name: Text
    description: str = ""
    icon: str
    color: Color
    capabilities: list[str] = Field(default_factory=list)
    system_prompt: str = ""


class CommandModel(Section):
    """A slash command and the skill it runs."""

    name: Identifier
    description: str = ""
    skill_id: Identifier


class Manifest(Section):
    """A whole pack manifest. `main` and `dependencies` are kept and never acted on."""

    name: Name
    display_name: Text
    version: Version
    description: str
    type: Literal["channel", "tool", "provider", "integration", "pack"]
    author: str = ""
    license: str | None = None
    homepage: str | None = None
    cowork_version: str | None = None
    main: str | None = None
    config_schema: ConfigSchema | None = None
    dependencies: dict[str, str] = Field(default_factory=dict)
    peer_dependencies: dict[str, str] = Field(default_factory=dict)
    capabilities: dict[str, Any] = Field(default_factory=dict)
    platform: Platform | None = None
    keywords: list[str] = Field(default_factory=list)
    icon: str = ""
    category: str = ""
    scope: Literal["personal", "organization"] | None = None
    persona_template_id: str | None = None
    recommended_connectors: list[str] = Field(default_factory=list)
    try_asking: list[str] = Field(default_factory=list)
    best_fit_workflows: list[str] = Field(default_factory=list)
    outcome_examples: list[str] = Field(default_factory=list)
    metadata: dict[str, Any] = Field(default_factory=dict)
    skills: list[SkillModel] = Field(default_factory=list)
    skill_directories: list[DirectoryModel] = Field(default_factory=list)
    agent_roles: list[RoleModel] = Field(default_factory=list)
    slash_commands: list[CommandModel] = Field(default_factory=list)
    connectors: list[ConnectorModel] = Field(default_factory=list)


def _refusal(message: str, fix: str) -> PydanticCustomError:
    return PydanticCustomError("manifest.value", "{message}", {"message": message, "fix": fix})
