"""The servers that active packs bring: in `.mcp.json` or `mcp.json`, and in what a plugin's manifest says of `mcpServers`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cowork.agent.belonging import is_source, source_trust
from cowork.agent.mcp.discovery import Discovery, Trusted, is_trusted
from cowork.core.text import one_line

if TYPE_CHECKING:
    from cowork.registry.world import PackRecord

_MANIFEST = ".claude-plugin/plugin.json"
_FILES = {"claude-plugin": ".mcp.json", "agent-plugin": "mcp.json"}


def add_packs(found: Discovery, trusted: Trusted) -> None:
    """Take in the servers of active packs. Those of packs that lie in the project count only where it is trusted."""
    from cowork.registry import world

    for record in world.load().packs:
        if record.state != "active" or record.head["kind"] not in _FILES:
            continue
        documents = list(_documents(found, record))
        if documents and record.scope == "project" and not _counts(found.project, trusted):
            why = "the pack lies in a project that you do not trust"
            found.note("mcp.untrusted", f"{record.head['path']}: its servers are not started: {why}")
            continue
        for path, document in documents:
            found.entries(document, path, "plugin", pack=(record.name, record.directory, record.head["path"]))


def _counts(project: Path, trusted: Trusted) -> bool:
    return is_trusted(trusted) if is_source(project) else source_trust(project).trusted


def _documents(found: Discovery, record: PackRecord) -> Iterator[tuple[Path, Any]]:
    """What describes servers; the manifest's word goes before the usual file's."""
    kind, directory = record.head["kind"], Path(record.head["path"])
    if kind == "claude-plugin" and os.path.lexists(directory / _MANIFEST):
        manifest = found.document(directory / _MANIFEST)
        declared = manifest.get("mcpServers") if isinstance(manifest, dict) else None
        for item in declared if isinstance(declared, list) else [declared]:
            if isinstance(item, dict):
                yield directory / _MANIFEST, item if "mcpServers" in item else {"mcpServers": item}
            elif isinstance(item, str):
                yield from _named(found, directory, item)
    usual = found.document(directory / _FILES[kind])
    if usual is not None:
        yield directory / _FILES[kind], usual


def _named(found: Discovery, directory: Path, relative: str) -> Iterator[tuple[Path, Any]]:
    """A file that the manifest names, if it lies in the pack."""
    path = directory / relative
    try:
        inside = path.resolve().is_relative_to(directory.resolve())
    except (OSError, RuntimeError, ValueError):
        inside = False
    if not inside:
        found.note("mcp.outside", f"{directory}: '{one_line(relative, 80)}' does not lie in the plugin")
        return
    document = found.document(path)
    if document is not None:
        yield path, document
