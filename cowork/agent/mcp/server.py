"""One server as it is to be started: its variables filled in, its names, and whose it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from cowork.agent.mcp.expansion import Expansion, Unset, Withheld
from cowork.formats.mcp_json import McpServer, Transport
from cowork.policy.actions import Action

Scope = Literal["enterprise", "local", "project", "user", "plugin", "agent"]
YOURS = ("enterprise", "local", "user")


@dataclass(frozen=True)
class Server:
    """A server. `name` is its part of its tools' names, `called` every other name it answers to, `file` where it stands.

    `action` is what the gate is asked before it is started. `secrets` are the variables of the environment that went into
    it. `trusted` servers are the user's own or the organization's: they may be on private addresses, and are believed when
    they call a tool read-only. `problem` says why it cannot be started.
    """

    name: str
    called: tuple[str, ...]
    scope: Scope
    file: str
    transport: Transport
    action: Action
    command: str = ""
    args: tuple[str, ...] = field(default=(), repr=False)
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    url: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    trusted: bool = False
    problem: str = ""

    def answers_to(self, name: str) -> bool:
        """Whether a name means this server."""
        return name == self.name or name in self.called


def prepared(
    entry: McpServer,
    expansion: Expansion,
    action: Action,
    *,
    name: str,
    called: tuple[str, ...],
    scope: Scope,
    file: str,
    trusted: bool,
    exported: Mapping[str, str],
) -> Server:
    """The server of an entry with its variables filled in. What cannot be filled in is its `problem`, not an error."""
    bare = Server(name, called, scope, file, entry.transport, action, trusted=trusted)
    try:
        return Server(
            name,
            called,
            scope,
            file,
            entry.transport,
            action,
            command=expansion.text(entry.command or ""),
            args=tuple(expansion.text(item) for item in entry.args),
            env={**exported, **expansion.texts(entry.env)},
            url=expansion.text(entry.url or ""),
            headers=expansion.texts(entry.headers),
            secrets=expansion.used,
            trusted=trusted,
            problem="WebSocket servers are not supported; use http" if entry.transport == "ws" else "",
        )
    except Unset as error:
        return _with(bare, f"the variable {error} is not set and has no default")
    except Withheld as error:
        return _with(bare, f"the variable {error} is the key of a model provider, which only your own servers are given")


def _with(server: Server, problem: str) -> Server:
    from dataclasses import replace

    return replace(server, problem=problem)
