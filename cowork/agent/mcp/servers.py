"""Which MCP servers there are, strongest first: the organization's, the user's for this project, the project's, the user's,
and those of active packs. Of one name the strongest is served.

A project's own servers, and those of packs that lie in it, count only once the user trusts the project. Packs elsewhere were
approved when they were installed.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cowork.agent.mcp.discovery import Discovery, Trusted, is_trusted
from cowork.agent.mcp.packs import add_packs
from cowork.agent.mcp.server import Server
from cowork.core.outcome import Notice
from cowork.core.paths import home
from cowork.core.text import one_line
from cowork.formats import mcp_json

_ENTERPRISE = "COWORK_ENTERPRISE_CONFIG"
_CLAUDE_JSON_BYTES = 64 * 1024 * 1024  # Claude Code keeps its history in it, too


def discover(project: Path, environ: Mapping[str, str], *, trusted: Trusted) -> tuple[tuple[Server, ...], tuple[Notice, ...]]:
    """Every server that may be started, strongest first, and what to say about the others. Nothing is started.

    `environ` fills in variables. `trusted` says whether the user trusts the project; a function is asked only if it matters.
    Files that cannot be read are notices.
    """
    found = Discovery(project, environ)
    enterprise = os.environ.get(_ENTERPRISE)
    if enterprise:
        found.file(Path(enterprise).expanduser().absolute() / "mcp.json", "enterprise")
    claude = found.document(Path.home() / ".claude.json", limit=_CLAUDE_JSON_BYTES)
    _local(found, claude)
    own = project / ".mcp.json"
    if os.path.lexists(own):
        if is_trusted(trusted):
            found.file(own, "project")
        else:
            found.note("mcp.untrusted", f"{own}: its servers are not started: you do not trust this project")
    found.file(home() / "mcp.json", "user")
    if isinstance(claude, dict):
        found.entries({"mcpServers": claude.get("mcpServers", {})}, Path.home() / ".claude.json", "user")
    add_packs(found, trusted)
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


def _local(found: Discovery, claude: Any) -> None:
    """The servers a user keeps for one project: `projects` in `~/.claude.json`, where `claude mcp add` puts them."""
    projects = claude.get("projects") if isinstance(claude, dict) else None
    mine = projects.get(str(found.project)) if isinstance(projects, dict) else None
    if isinstance(mine, dict) and mine.get("mcpServers"):
        found.entries({"mcpServers": mine["mcpServers"]}, Path.home() / ".claude.json", "local")
