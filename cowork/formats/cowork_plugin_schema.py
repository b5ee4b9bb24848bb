"""The schema of `cowork.plugin.json`, as pydantic models. Imported only where a manifest is validated."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic.alias_generators import to_camel

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=64)]
Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*(:[A-Za-z0-9][A-Za-z0-9_.-]*)?$")]
Text = Annotated[str, StringConstraints(min_length=1)]
Semver = Annotated[str, StringConstraints(pattern=r"^[0-9]+\.[0-9]+\.[0-9]+([-+][0-9A-Za-z.+-]+)?$")]
Color = Annotated[str, StringConstraints(pattern=r"^#[0-9A-Fa-f]{6}$")]


class Section(BaseModel):
    """Unknown keys are kept: real files carry more than any schema knows."""

    model_config = ConfigDict(extra="allow", strict=True, alias_generator=to_camel)


class ParameterModel(Section):
    """A parameter of a skill."""

    name: Annotated[str, StringConstraints(pattern=r"^\w+$")]
    type: Literal["string", "number", "boolean", "select"]
    description: str = ""
    required: bool = False
    default: str | int | float | bool | None = None
    options: list[str] = Field(default_factory=list)

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        if self.type == "select" and not self.options:
            raise ValueError("a select parameter needs options")
        if self.default is not None:
            kinds = {"string": str, "select": str, "number": (int, float), "boolean": bool}
            wrong_bool = self.type == "number" and isinstance(self.default, bool)
            if wrong_bool or not isinstance(self.default, kinds[self.type]):  # type: ignore[arg-type]
                raise ValueError(f"default {self.default!r} is not a {self.type}")
            if self.type == "select" and self.default not in self.options:
                raise ValueError(f"default {self.default!r} is not one of the options")
        return self


class SkillModel(Section):
    """A skill: a prompt and its parameters."""

    id: Identifier
    name: Text
    description: Text
    prompt: Text
    icon: str = ""
    category: str = ""
    parameters: list[ParameterModel] = Field(default_factory=list)
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


class ConnectorModel(Section):
    """A connector's head; its body is judged where connectors are run."""

    name: Text
    description: Text
    type: Literal["http", "shell", "script"]
    input_schema: dict[str, Any] = Field(default_factory=dict)
    http: dict[str, Any] = Field(default_factory=dict)
    shell: dict[str, Any] = Field(default_factory=dict)
    script: dict[str, Any] = Field(default_factory=dict)


class Manifest(Section):
    """A whole pack manifest."""

    name: Name
    display_name: Text
    version: Semver
    description: str
    type: Literal["pack"]
    author: str = ""
    keywords: list[str] = Field(default_factory=list)
    icon: str = ""
    category: str = ""
    persona_template_id: str | None = None
    recommended_connectors: list[str] = Field(default_factory=list)
    try_asking: list[str] = Field(default_factory=list)
    skills: list[SkillModel] = Field(default_factory=list)
    agent_roles: list[RoleModel] = Field(default_factory=list)
    slash_commands: list[CommandModel] = Field(default_factory=list)
    connectors: list[ConnectorModel] = Field(default_factory=list)

    @model_validator(mode="after")
    def _unique(self) -> Self:
        for what, names in (
            ("skill id", [skill.id for skill in self.skills]),
            ("slash command", [command.name for command in self.slash_commands]),
            ("agent role", [role.name for role in self.agent_roles]),
        ):
            twice = [name for name, count in Counter(names).items() if count > 1]
            if twice:
                raise ValueError(f"{what} '{twice[0]}' is declared twice")
        return self


def unknown_keys(model: Section, prefix: str = "") -> list[str]:
    """The JSON paths of keys the schema does not know, in file order."""
    found = [f"{prefix}{key}" for key in (model.__pydantic_extra__ or {})]
    for name, field in type(model).model_fields.items():
        value: Any = getattr(model, name)
        if isinstance(value, list):
            for number, item in enumerate(value):
                if isinstance(item, Section):
                    found += unknown_keys(item, f"{prefix}{field.alias}[{number}].")
    return found
