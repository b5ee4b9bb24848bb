"""The rarer sections of `cowork.plugin.json`: connectors, configuration, platform and what a skill needs installed."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from cowork.formats.section import Section, Text


class HttpBody(Section):
    """A request; `{{name}}` in url, headers and body stands for an input. `timeout` in milliseconds."""

    url: Text
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    headers: dict[str, str] = Field(default_factory=dict)
    body: Any = None
    response_format: Literal["json", "text"] = "json"
    timeout: float | None = Field(default=None, gt=0)


class ShellBody(Section):
    """A command line, and the directory of the pack it runs in. `timeout` in milliseconds."""

    command: Text
    cwd: str | None = None
    timeout: float | None = Field(default=None, gt=0)


class ScriptBody(Section):
    """A program, JavaScript unless `runtime` says otherwise. `timeout` in milliseconds.

    For node the body of a function: it has `input` and returns its result. The others read the input as JSON from stdin and
    write their result as JSON to stdout.
    """

    body: Text
    runtime: Literal["node", "python", "sh"] = "node"
    timeout: float | None = Field(default=None, gt=0)


class ConnectorModel(Section):
    """A connector: a head, and one body of its type.

    `env` names environment variables that it needs, besides those it writes as `{{env.NAME}}`; it is given no others.
    """

    name: Text
    description: Text
    type: Literal["http", "shell", "script"]
    input_schema: dict[str, Any] = Field(default_factory=dict)
    env: list[Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=128)]] = Field(default_factory=list)
    http: HttpBody | None = None
    shell: ShellBody | None = None
    script: ScriptBody | None = None

    @model_validator(mode="after")
    def _has_its_body(self) -> Self:
        if getattr(self, self.type) is None:
            context = {"type": self.type, "fix": f'add "{self.type}": {{...}} with what it does'}
            raise PydanticCustomError("manifest.required", 'a connector of type {type} needs "{type}"', context)
        return self


class ConfigProperty(Section):
    """A setting that a pack asks for."""

    type: Literal["string", "number", "boolean", "array", "object"]
    description: str = ""
    default: Any = None
    secret: bool = False
    enum: list[Any] | None = None
    items: dict[str, Any] | None = None
    minimum: float | None = None
    maximum: float | None = None
    pattern: str | None = None


class ConfigSchema(Section):
    """The settings that a pack asks for."""

    type: Literal["object"]
    properties: dict[str, ConfigProperty]
    required: list[str] = Field(default_factory=list)


class Platform(Section):
    """Where a pack works: operating systems by Node's names (darwin, linux, win32), and a range of Node versions."""

    os: list[str] = Field(default_factory=list)
    node: str | None = None


class Requires(Section):
    """What has to be there for a skill to work. Of `any_bins` one is enough."""

    tools: list[str] = Field(default_factory=list)
    bins: list[str] = Field(default_factory=list)
    any_bins: list[str] = Field(default_factory=list)
    env: list[str] = Field(default_factory=list)
    config: list[str] = Field(default_factory=list)
    os: list[str] = Field(default_factory=list)


class InstallStep(Section):
    """A way to install what a skill requires. Shown to the user, never run by itself."""

    id: Text
    kind: Literal["brew", "npm", "go", "download"]
    label: str = ""
    formula: str | None = None
    package: str | None = None
    module: str | None = None
    url: str | None = None
    bins: list[str] = Field(default_factory=list)
    os: list[str] = Field(default_factory=list)


class Invocation(Section):
    """Who may call a skill: the user by a slash command, the model by itself."""

    user_invocable: bool = True
    disable_model_invocation: bool = False


Version = Annotated[str, Field(pattern=r"^[0-9]+\.[0-9]+\.[0-9]+", max_length=64)]
