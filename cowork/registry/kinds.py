"""What a path is: a pack, a plugin, a marketplace or a skill."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from cowork.formats.agent_plugin import is_agent_plugin
from cowork.formats.cowork_plugin import FILE_NAME
from cowork.registry.bounded_tree import Tree
from cowork.registry.validators import AGENT_MANIFEST, CLAUDE_MANIFEST

Kind = Literal["pack", "marketplace", "claude-plugin", "agent-plugin", "skill", "unknown"]
MARKETPLACE = ".claude-plugin/marketplace.json"
_COMPONENTS = ("commands", "agents", "skills", "hooks", ".mcp.json")


def kind_of(tree: Tree) -> Kind:
    """What a directory holds, by the files that make each format."""
    if tree.exists(FILE_NAME):
        return "pack"
    if tree.exists(MARKETPLACE):
        return "marketplace"
    if tree.exists(CLAUDE_MANIFEST):
        return "claude-plugin"
    if tree.exists(AGENT_MANIFEST) and _says_agent_plugin(tree):
        return "agent-plugin"
    if tree.exists("SKILL.md"):
        return "skill"
    return "claude-plugin" if any(tree.exists(name) for name in _COMPONENTS) else "unknown"


def _says_agent_plugin(tree: Tree) -> bool:
    probe = Tree(tree.root, tree.shown)  # what is wrong with the file is reported when it is judged, not when it is looked at
    document = probe.json(AGENT_MANIFEST)
    return document is None or is_agent_plugin(document)


def directory_of(path: Path) -> Path | None:
    """The directory that a named file stands for: a manifest's, or a skill's. None for any other file."""
    if os.path.isdir(path):  # noqa: PTH112 - pathlib's raises for names that no file can have
        return path
    if path.name in (FILE_NAME, "SKILL.md"):
        return path.parent
    if path.name in ("plugin.json", "marketplace.json") and path.parent.name == ".claude-plugin":
        return path.parent.parent
    return path.parent if path.name == AGENT_MANIFEST else None
