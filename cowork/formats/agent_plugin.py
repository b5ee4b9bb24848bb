"""Agent Plugins 1.0.0: a `plugin.json` at the root, skills in `skills/<name>/SKILL.md`, MCP servers in `mcp.json`.

https://agent-plugins.org/schemas/1.0.0/plugin.schema.json is what makes a `plugin.json` one of this format.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from cowork.formats.problem import Problem, bounded, quoted
from cowork.formats.schema_problems import read_model
from cowork.formats.section import Section

SCHEMA = "https://agent-plugins.org/schemas/1.0.0/plugin.schema.json"
NAME = r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$"
EXPLAIN = {NAME: "a name of a-z, 0-9, - and . that starts and ends with a letter or digit"}


def _single(name: str) -> str:
    if "--" in name or ".." in name:
        context = {"fix": "write single dashes and dots"}
        raise PydanticCustomError("agent_plugin.value", "a name has no -- and no ..", context)
    return name


class AgentPluginAuthor(Section):
    """Who made it, and nothing else."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, alias_generator=to_camel)

    name: str | None = None
    email: str | None = None
    url: str | None = None


class AgentPlugin(Section):
    """The manifest. Components are found by their place, never by what stands here."""

    schema_url: Literal["https://agent-plugins.org/schemas/1.0.0/plugin.schema.json"] = Field(alias="$schema")
    name: Annotated[str, StringConstraints(pattern=NAME, max_length=64), AfterValidator(_single)]
    version: str | None = None
    description: str | None = None
    author: AgentPluginAuthor | None = None
    homepage: str | None = None
    repository: str | None = None
    license: str | None = None
    keywords: list[str] = Field(default_factory=list)
    extensions: dict[str, Any] = Field(default_factory=dict)


def is_agent_plugin(document: Any) -> bool:
    """Whether a parsed `plugin.json` says that it is of this format."""
    return isinstance(document, dict) and document.get("$schema") == SCHEMA


def parse(document: Any, *, file: str) -> tuple[AgentPlugin | None, tuple[Problem, ...]]:
    """The manifest in a parsed document, or None, and what is wrong with it.

    Unknown keys and `extensions` of a wrong type are ignored with a warning; everything else is fatal.
    """
    remarks: list[Problem] = []
    if isinstance(document, dict) and not isinstance(document.get("extensions", {}), dict):
        text = f"{quoted(document['extensions'])} is not an object and is ignored"
        fix = "write an object, or remove it"
        remarks.append(Problem(file, "$.extensions", "agent_plugin.extensions", "warning", text, fix))
        document = {key: value for key, value in document.items() if key != "extensions"}
    plugin, problems = read_model(AgentPlugin, document, file=file, family="agent_plugin", explain=EXPLAIN)
    return plugin, tuple(bounded(remarks + problems))
