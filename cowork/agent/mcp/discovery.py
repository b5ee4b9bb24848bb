"""Taking in servers: files read, entries prepared, and of one name the first, which is the strongest, kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cowork.agent.mcp.expansion import Expansion
from cowork.agent.mcp.naming import plugin_server_name, server_name
from cowork.agent.mcp.server import YOURS, Scope, Server, prepared
from cowork.core.errors import InvalidInput
from cowork.core.files import MAX_JSON_BYTES, read_json
from cowork.core.outcome import Notice
from cowork.core.paths import home
from cowork.core.text import one_line
from cowork.formats import mcp_json
from cowork.formats.mcp_json import McpServer
from cowork.policy.actions import Action

VERB = "agent run"

Trusted = bool | Callable[[], bool]
"""Whether the user trusts the project, or who knows."""
Pack = tuple[str, str, str]
"""A pack's name, its directory's name and its path."""


@dataclass
class Discovery:
    """What was found so far: `servers` by name, in the order of their strength, and what to say about it."""

    project: Path
    environ: Mapping[str, str]
    servers: dict[str, Server] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)
    withheld: frozenset[str] | None = None

    def add(
        self,
        entry: McpServer,
        scope: Scope,
        file: str,
        *,
        pack: Pack | None = None,
        trusted: bool | None = None,
    ) -> None:
        """Take a server in, unless a stronger one has its name."""
        name = plugin_server_name(pack[0], entry.name) if pack else server_name(entry.name)
        called = (f"plugin:{pack[0]}:{entry.name}",) if pack else (entry.name,)
        if name in self.servers:
            self._shadowed(name, scope, file)
            return
        own = {"CLAUDE_PROJECT_DIR": str(self.project)}
        if pack:
            own |= {"CLAUDE_PLUGIN_ROOT": pack[2], "CLAUDE_PLUGIN_DATA": str(home() / "plugin-data" / _file_name(pack[0]))}
        yours = scope in YOURS if trusted is None else trusted
        action = Action(VERB, connector=entry.name, what=f"MCP server {one_line(name, 80)}")
        if pack:
            action = Action(VERB, pack=pack[0], directory=pack[1], connector=entry.name, what=action.what)
        self.servers[name] = prepared(
            entry,
            Expansion(self.environ, own, frozenset() if yours else self._keys()),
            action,
            name=name,
            called=called,
            scope=scope,
            file=file,
            trusted=yours,
            exported=own,
        )

    def file(self, path: Path, scope: Scope, *, pack: Pack | None = None) -> None:
        """Take in the servers of a file, if there is one."""
        document = self.document(path)
        if document is not None:
            self.entries(document, path, scope, pack=pack)

    def entries(self, document: Any, path: Path, scope: Scope, *, pack: Pack | None = None) -> None:
        """Take in the servers of a parsed document."""
        entries, problems = mcp_json.parse(document, file=str(path))
        for entry in entries:
            self.add(entry, scope, str(path), pack=pack)
        self.notices += [Notice(problem.rule, f"{path}: {problem.where}: {problem.message}") for problem in problems]

    def document(self, path: Path, *, limit: int = MAX_JSON_BYTES) -> Any:
        """A parsed file; None, and a note where it is there and cannot be read."""
        try:
            return read_json(path, what="MCP configuration", limit=limit)
        except FileNotFoundError:
            return None
        except InvalidInput as error:
            self.note(error.code, f"{error.message} (its servers are left out)")
            return None

    def note(self, code: str, message: str) -> None:
        """Say something."""
        self.notices.append(Notice(code, message))

    def _shadowed(self, name: str, scope: Scope, file: str) -> None:
        stronger = self.servers[name]
        if (stronger.file, stronger.scope) != (file, scope):
            self.note("mcp.shadowed", f"{file}: the server '{name}' is not used: {stronger.file} has one of that name")
        else:
            self.note("mcp.name_taken", f"{file}: two servers would be called '{name}'; the first is used")

    def _keys(self) -> frozenset[str]:
        """The variables that hold keys of model providers: nothing that came with a project or a pack is given them."""
        if self.withheld is None:
            from cowork.models import catalogue

            self.withheld = frozenset(name for provider in catalogue.providers() for name in provider.key_env)
        return self.withheld


def is_trusted(trusted: Trusted) -> bool:
    """Whether the user trusts the project."""
    return trusted if isinstance(trusted, bool) else trusted()


def _file_name(name: str) -> str:
    """A pack's name as that of a directory, whatever is in it; its hooks know the same one."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", name).lstrip(".") or "_"
