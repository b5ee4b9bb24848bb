"""Which MCP servers there are, strongest first: the organization's, the user's for this project, the project's, the user's,
and those of active packs. Of one name the strongest is served.

A project's own servers, and those of packs that lie in it, count only once the user trusts the project. Packs elsewhere were
approved when they were installed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cowork.agent.mcp.expansion import Expansion
from cowork.agent.mcp.naming import plugin_server_name, server_name
from cowork.agent.mcp.server import YOURS, Scope, Server, prepared
from cowork.core.errors import InvalidInput
from cowork.core.files import read_json
from cowork.core.outcome import Notice
from cowork.core.paths import home
from cowork.core.text import one_line
from cowork.formats import mcp_json
from cowork.formats.mcp_json import McpServer
from cowork.policy.actions import Action

VERB = "agent run"
_ENTERPRISE = "COWORK_ENTERPRISE_CONFIG"
_CLAUDE_JSON_BYTES = 64 * 1024 * 1024  # Claude Code keeps its history in it, too

Trusted = bool | Callable[[], bool]


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
        pack: tuple[str, str, str] | None = None,
        trusted: bool | None = None,
    ) -> None:
        """Take a server in, unless a stronger one has its name. `pack`: name, directory's name and path."""
        name = plugin_server_name(pack[0], entry.name) if pack else server_name(entry.name)
        called = (f"plugin:{pack[0]}:{entry.name}",) if pack else (entry.name,)
        if name in self.servers:
            self._shadowed(name, scope, file)
            return
        own = {"CLAUDE_PROJECT_DIR": str(self.project)}
        if pack:
            own |= {"CLAUDE_PLUGIN_ROOT": pack[2], "CLAUDE_PLUGIN_DATA": str(home() / "plugin-data" / pack[1])}
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


def discover(project: Path, environ: Mapping[str, str], *, trusted: Trusted) -> tuple[tuple[Server, ...], tuple[Notice, ...]]:
    """Every server that may be started, strongest first, and what to say about the others. Nothing is started.

    `environ` fills in variables. `trusted` says whether the user trusts the project; a function is asked only if it matters.
    Files that cannot be read are notices.
    """
    found = Discovery(project, environ)
    enterprise = os.environ.get(_ENTERPRISE)
    if enterprise:
        _file(found, Path(enterprise).expanduser().absolute() / "mcp.json", "enterprise")
    claude = _document(found, Path.home() / ".claude.json", limit=_CLAUDE_JSON_BYTES)
    _local(found, claude)
    own = project / ".mcp.json"
    if os.path.lexists(own):
        if _is(trusted):
            _file(found, own, "project")
        else:
            found.note("mcp.untrusted", f"{own}: its servers are not started: you do not trust this project")
    _file(found, home() / "mcp.json", "user")
    if isinstance(claude, dict):
        _entries(found, {"mcpServers": claude.get("mcpServers", {})}, Path.home() / ".claude.json", "user")
    _packs(found, trusted)
    return tuple(found.servers.values()), tuple(found.notices)


def of_agent(
    wanted: Any,
    known: tuple[Server, ...],
    project: Path,
    environ: Mapping[str, str],
    *,
    file: str,
    may_define: bool,
    trusted: bool,
) -> tuple[tuple[Server, ...], tuple[Notice, ...]]:
    """The servers an agent's `mcpServers` defines or names among the `known`, and what is wrong.

    `wanted` is the value of the frontmatter: a mapping of definitions, or a list of names and such mappings. `may_define` is
    false for agents of projects that are not trusted: they may name servers, not bring any. `trusted`: the file is the user's.
    """
    found = Discovery(project, environ)
    named: list[Server] = []
    for item in wanted if isinstance(wanted, list) else [wanted]:
        if isinstance(item, str):
            matching = [server for server in known if server.answers_to(item)]
            named += matching[:1]
            if not matching:
                found.note("mcp.not_found", f"{file}: there is no MCP server '{one_line(item, 80)}'")
        elif item and not may_define:
            found.note("mcp.untrusted", f"{file}: the MCP servers it defines are not started: you do not trust this project")
        elif item:
            entries, problems = mcp_json.parse({"mcpServers": item}, file=file)
            for entry in entries:
                found.add(entry, "agent", file, trusted=trusted)
            found.notices += [Notice(problem.rule, f"{file}: {problem.message}") for problem in problems]
    return tuple({server.name: server for server in (*named, *found.servers.values())}.values()), tuple(found.notices)


def _is(trusted: Trusted) -> bool:
    return trusted if isinstance(trusted, bool) else trusted()


def _file(found: Discovery, path: Path, scope: Scope, *, pack: tuple[str, str, str] | None = None) -> None:
    document = _document(found, path)
    if document is not None:
        _entries(found, document, path, scope, pack=pack)


def _entries(found: Discovery, document: Any, path: Path, scope: Scope, *, pack: tuple[str, str, str] | None = None) -> None:
    entries, problems = mcp_json.parse(document, file=str(path))
    for entry in entries:
        found.add(entry, scope, str(path), pack=pack)
    found.notices += [Notice(problem.rule, f"{path}: {problem.where}: {problem.message}") for problem in problems]


def _document(found: Discovery, path: Path, *, limit: int | None = None) -> Any:
    try:
        return read_json(path, what="MCP configuration", **({"limit": limit} if limit else {}))
    except FileNotFoundError:
        return None
    except InvalidInput as error:
        found.note(error.code, f"{error.message} (its servers are left out)")
        return None


def _local(found: Discovery, claude: Any) -> None:
    """The servers a user keeps for one project: `projects` in `~/.claude.json`, where `claude mcp add` puts them."""
    projects = claude.get("projects") if isinstance(claude, dict) else None
    mine = projects.get(str(found.project)) if isinstance(projects, dict) else None
    if isinstance(mine, dict) and mine.get("mcpServers"):
        _entries(found, {"mcpServers": mine["mcpServers"]}, Path.home() / ".claude.json", "local")


def _packs(found: Discovery, trusted: Trusted) -> None:
    from cowork.registry import world

    for record in world.load().packs:
        if record.state != "active":
            continue
        about = (record.name, record.directory, record.head["path"])
        for path in _files_of(record.head["kind"], Path(record.head["path"])):
            if record.scope == "project" and not _is(trusted):
                text = f"{path}: its servers are not started: the pack lies in a project that you do not trust"
                found.note("mcp.untrusted", text)
            else:
                _file(found, path, "plugin", pack=about)


def _files_of(kind: str, directory: Path) -> Iterator[Path]:
    name = {"claude-plugin": ".mcp.json", "agent-plugin": "mcp.json"}.get(kind)
    if name and os.path.lexists(directory / name):
        yield directory / name
