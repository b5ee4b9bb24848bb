"""`.claude-plugin/plugin.json`: the optional manifest of a Claude Code plugin."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from cowork.formats.problem import Problem, bounded, quoted
from cowork.formats.schema_problems import read_model
from cowork.formats.section import Section, Text, TextOrList, escape_of

NAME = r"^[^\s/\\:\x00-\x1f\x7f]+$"
URL = r"^[A-Za-z][A-Za-z0-9+.-]*:\S+$"
EXPLAIN = {NAME: "a name without blanks, slashes and colons", URL: "an address such as https://example.com"}
_KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def _not_dots(name: str) -> str:
    if name.strip(".") == "":
        raise PydanticCustomError("plugin.value", "a name is more than dots", {"fix": "name it in kebab-case"})
    return name


def _component(path: str) -> str:
    reason = escape_of(path) or ("is a pattern" if any(char in path for char in "*?[]{}") else None)
    if reason is None and path != "." and not path.startswith("./"):
        reason = "does not start with ./"
    if reason:
        context = {"why": reason, "fix": "write the path of one file or directory, such as ./agents"}
        raise PydanticCustomError("plugin.path", "the path {why}", context)
    return path


def _components(value: list[str]) -> list[str]:
    return [_component(path) for path in value]


def _author(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


def _paths_or_objects(value: Any) -> Any:
    """Component files by path, objects as they are; each is judged where it is read."""
    items = value if isinstance(value, list) else [value]
    for item in items:
        if isinstance(item, str):
            _component(item)
        elif not isinstance(item, dict):
            raise PydanticCustomError("plugin.type", "must be a path, an object or a list of them", {"fix": "write a path"})
    return items


_OBJECTS = {"anyOf": [{"type": "string"}, {"type": "object"}, {"type": "array", "items": {"type": ["string", "object"]}}]}
Paths = Annotated[TextOrList, AfterValidator(_components)]
PathsOrObjects = Annotated[list[Any], BeforeValidator(_paths_or_objects), WithJsonSchema(_OBJECTS)]
Name = Annotated[str, StringConstraints(pattern=NAME, max_length=128), AfterValidator(_not_dots)]
Url = Annotated[str, StringConstraints(pattern=URL)]


class Author(Section):
    """Who made it."""

    name: Text
    email: str | None = None
    url: str | None = None


AuthorOrName = Annotated[
    Author,
    BeforeValidator(_author),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "object", "required": ["name"]}]}),
]


class Option(Section):
    """A value that the plugin asks its user for."""

    type: Literal["string", "number", "boolean", "directory", "file"]
    title: Text
    description: Text
    sensitive: bool = False
    required: bool = False
    default: Any = None
    multiple: bool = False
    min: float | None = None
    max: float | None = None


class Dependency(Section):
    """Another plugin that this one needs."""

    name: Text
    version: str | None = None


def _dependency(value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


_NEEDED = {"anyOf": [{"type": "string"}, {"type": "object", "required": ["name"]}]}


class ClaudePlugin(Section):
    """The manifest. Component paths replace the default directory, except `skills`, which adds to it."""

    schema_url: str | None = Field(default=None, alias="$schema")
    name: Name
    display_name: str | None = None
    version: str | None = None
    description: str = ""
    author: AuthorOrName | None = None
    homepage: Url | None = None
    repository: str | None = None
    license: str | None = None
    keywords: list[str] = Field(default_factory=list)
    metadata: dict[str, Any] = Field(default_factory=dict)
    default_enabled: bool = True
    skills: Paths = Field(default_factory=list)
    commands: Paths | None = None
    agents: Paths | None = None
    workflows: Paths | None = None
    output_styles: Paths | None = None
    hooks: PathsOrObjects | None = None
    mcp_servers: PathsOrObjects | None = None
    lsp_servers: PathsOrObjects | None = None
    experimental: dict[str, Any] = Field(default_factory=dict)
    user_config: dict[str, Option] = Field(default_factory=dict)
    channels: list[Any] = Field(default_factory=list)
    dependencies: list[Annotated[Dependency, BeforeValidator(_dependency), WithJsonSchema(_NEEDED)]] = Field(
        default_factory=list
    )


def parse(document: Any, *, file: str) -> tuple[ClaudePlugin | None, tuple[Problem, ...]]:
    """The manifest in a parsed document, or None where it cannot be loaded, and what is wrong with it."""
    plugin, problems = read_model(ClaudePlugin, document, file=file, family="plugin", explain=EXPLAIN)
    if plugin is not None:
        problems += name_problems(plugin.name, file, "$.name")
    return plugin, tuple(bounded(problems))


def name_problems(name: str, file: str, where: str) -> list[Problem]:
    """A warning where a name is not kebab-case: it becomes part of every command and agent of the plugin."""
    if _KEBAB.fullmatch(name):
        return []
    return [Problem(file, where, "plugin.name", "warning", f"{quoted(name)} is not kebab-case", "write it like my-plugin")]
