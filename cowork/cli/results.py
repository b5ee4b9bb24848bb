"""Results of the verbs that are about the command line itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class HookAnswer:
    """What a hook event came to: the decision for the host (null for none), errors, and the host's exit code."""

    event: str
    decision: dict[str, Any] | None
    errors: tuple[str, ...]
    exit: int


@dataclass(frozen=True)
class SettingItem:
    """A setting; a secret is hidden. `origin` (default, user, project, env, flag) and `source` are null unless asked for."""

    key: str
    value: str | int | float | bool | tuple[str, ...]
    help: str
    origin: str | None
    source: str | None


@dataclass(frozen=True)
class SettingList:
    """Settings sorted by key."""

    items: tuple[SettingItem, ...]
    count: int


@dataclass(frozen=True)
class SchemaItem:
    """A verb and the schema name of its envelope."""

    verb: str
    schema: str


@dataclass(frozen=True)
class SchemaAnswer:
    """Without a verb every verb in `items`; with one, the JSON Schema of its data."""

    verb: str | None
    json_schema: dict[str, Any] | None
    items: tuple[SchemaItem, ...]
    count: int


@dataclass(frozen=True)
class Script:
    """A shell's completion script."""

    shell: str
    script: str


@dataclass(frozen=True)
class HelpPage:
    """The help of a command line."""

    command: str
    text: str


@dataclass(frozen=True)
class Version:
    """The version of cowork."""

    version: str
