"""What the connector verbs answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cowork.core.plan import Step


@dataclass(frozen=True)
class ConnectorItem:
    """A connector in a list. `type`: http, shell, script, or mcp for an MCP server, which is only listed.

    `state`: ready; missing_env, with the variables that are not set in `missing`; not_callable (mcp); blocked by policy, itself
    or its pack; disabled with its pack.
    """

    name: str
    pack: str
    type: str
    description: str
    scope: str
    state: str
    missing: tuple[str, ...]


@dataclass(frozen=True)
class ConnectorList:
    """Connectors sorted by pack and name."""

    items: tuple[ConnectorItem, ...]
    count: int


@dataclass(frozen=True)
class ConnectorDetail:
    """A connector with everything its pack says of it. `definition` is its body as the manifest has it, `path` its pack's.

    `env` are the environment variables it is given; `timeout_s` is how long a call may take, in seconds.
    """

    name: str
    pack: str
    type: str
    description: str
    scope: str
    path: str
    state: str
    env: tuple[str, ...]
    missing: tuple[str, ...]
    timeout_s: float | None
    input_schema: Mapping[str, Any]
    definition: Mapping[str, Any]


@dataclass(frozen=True)
class Reply:
    """What a call brought. `status` and `body` of http, `exit_code`, `stdout` and `stderr` of a process, `body` of a script.

    `truncated` says that output went on beyond what is kept.
    """

    status: int | None = None
    exit_code: int | None = None
    body: Any = None
    stdout: str | None = None
    stderr: str | None = None
    truncated: bool = False


@dataclass(frozen=True)
class ConnectorCall:
    """A call and its reply, or with `dry_run` the plan of it. Fields that a type of connector does not have are null."""

    connector: str
    pack: str
    type: str
    status: int | None
    exit_code: int | None
    body: Any
    stdout: str | None
    stderr: str | None
    truncated: bool
    dry_run: bool
    plan: tuple[Step, ...]
