"""Where a session's hooks come from: the usual files, and the plugins that are on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cowork.agent.belonging import source_trust
from cowork.core.errors import InvalidInput
from cowork.core.files import read_json
from cowork.core.paths import home
from cowork.hooks import sources
from cowork.hooks.records import Source
from cowork.registry import world
from cowork.registry.world import PackRecord
from cowork.trust.state import Trust, state


def session_sources(project: Path) -> list[Source]:
    """All sources of hooks for a session in `project`: enterprise, user, project, plugins. What may not run says why."""
    trust = state(project, home())
    return [*sources.session(str(project), trust), *plugin_sources(project, trust)]


def plugin_sources(project: Path, trust: Trust | None = None) -> list[Source]:
    """The hooks of every pack that is on; of disabled, blocked and shadowed ones nothing is read.

    A pack that the project itself brings counts only once the project is trusted.
    """
    trust = source_trust(project, trust)
    found = []
    for record in world.load().packs:
        if record.state == "active":
            found += list(_of(record, trust))
    return found


def _of(record: PackRecord, trust: Trust) -> Iterator[Source]:
    root = Path(record.head["path"])
    ignored = "" if record.scope != "project" or trust.trusted else f"{trust.project} is not trusted: {trust.why}"
    env = {"CLAUDE_PLUGIN_ROOT": str(root), "CLAUDE_PLUGIN_DATA": str(home() / "plugin-data" / _file_name(record.name))}
    for path, document in _declared(root, record):
        yield Source(str(path), "plugin", scope=record.scope, root=str(root), env=env, document=document, ignored=ignored)


def _declared(root: Path, record: PackRecord) -> Iterator[tuple[Path, Any]]:
    """The files with hooks, and objects with hooks, each with the file it stands in."""
    usual = root / "hooks" / "hooks.json"
    if usual.is_file():
        yield usual, None
    manifest = root / ".claude-plugin" / "plugin.json"
    if record.head["kind"] != "claude-plugin" or not manifest.is_file():
        return
    try:
        named = read_json(manifest, what="plugin manifest").get("hooks")
    except (InvalidInput, AttributeError):  # the registry has said what is wrong with it
        return
    for item in named if isinstance(named, list) else [named]:
        if isinstance(item, dict):
            yield manifest, item if "hooks" in item else {"hooks": item}
        elif isinstance(item, str):
            path = (root / item).resolve()
            if path.is_relative_to(root.resolve()) and path != usual.resolve():
                yield path, None


def _file_name(name: str) -> str:
    """A pack's name as that of a directory, whatever is in it."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", name).lstrip(".") or "_"
