"""`pack validate`: everything that is wrong with packs, plugins, marketplaces and skills, wherever they lie."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cowork.formats import marketplace
from cowork.formats.marketplace import Entry, PathSource
from cowork.formats.problem import Problem, in_order, json_path
from cowork.registry.bounded_tree import Tree
from cowork.registry.kinds import MARKETPLACE, Kind, directory_of, kind_of
from cowork.registry.validators import (
    CLAUDE_MANIFEST,
    Identity,
    judge_agent_plugin,
    judge_claude_plugin,
    judge_pack,
    judge_skill,
)

_COMPONENTS = ("skills", "commands", "agents", "workflows", "outputStyles", "hooks", "mcpServers", "lspServers")


@dataclass(frozen=True)
class ValidatedItem:
    """One thing that was judged. `ok`: none of its problems is an error. `name` and `version` as far as they can be read."""

    path: str
    kind: Kind
    name: str | None
    version: str | None
    ok: bool
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class ValidationReport:
    """Items in the order of the paths; a marketplace is followed by the plugins of its own repository."""

    items: tuple[ValidatedItem, ...]
    count: int
    errors: int
    warnings: int
    notes: int


def validate_paths(paths: Iterable[str | Path], *, strict: bool = False) -> ValidationReport:
    """Judge every path. With `strict` a warning counts as an error, and skills have to keep the rules of agentskills.io.

    Nothing is run and nothing outside the paths is read. Raises nothing for a bad file: that is what the report is for.
    """
    items = [item for path in paths for item in _judge(Path(path), strict=strict)]
    severities = [problem.severity for item in items for problem in item.problems]
    return ValidationReport(
        items=tuple(items),
        count=len(items),
        errors=severities.count("error"),
        warnings=severities.count("warning"),
        notes=severities.count("note"),
    )


def _judge(path: Path, *, strict: bool) -> list[ValidatedItem]:
    shown = str(path)
    if not os.path.lexists(path):
        return [_refused(shown, "path.not_found", "there is nothing here", "check the path")]
    directory = directory_of(path)
    tree = None if directory is None else Tree(directory, str(directory))
    kind: Kind = "unknown" if tree is None else kind_of(tree)
    if path.name == "SKILL.md":
        kind = "skill"
    if tree is None or kind == "unknown":
        text = "this is no pack, plugin, marketplace or skill"
        return [_refused(shown, "path.unknown_kind", text, "name a directory with a manifest, such as packs/*")]
    if kind == "marketplace":  # its plugins are surveyed one by one
        return _marketplace(tree, shown, strict=strict)
    tree.survey()
    return [_item(tree, shown, kind, _identity(tree, kind, strict), strict=strict)]


def _identity(tree: Tree, kind: Kind, strict: bool) -> Identity:
    if kind == "pack":
        return judge_pack(tree)
    if kind == "agent-plugin":
        return judge_agent_plugin(tree, strict=strict)
    return judge_skill(tree, "SKILL.md", strict=strict) if kind == "skill" else judge_claude_plugin(tree)


def _item(tree: Tree, shown: str, kind: Kind, identity: Identity, *, strict: bool) -> ValidatedItem:
    problems = in_order(_stricter(problem) if strict else problem for problem in dict.fromkeys(tree.problems))
    ok = all(problem.severity != "error" for problem in problems)
    return ValidatedItem(shown, kind, identity.name, identity.version, ok, problems)


def _stricter(problem: Problem) -> Problem:
    return replace(problem, severity="error") if problem.severity == "warning" else problem


def _refused(shown: str, rule: str, text: str, fix: str) -> ValidatedItem:
    return ValidatedItem(shown, "unknown", None, None, False, (Problem(shown, "$", rule, "error", text, fix),))


def _marketplace(tree: Tree, shown: str, *, strict: bool) -> list[ValidatedItem]:
    """The marketplace, and each plugin that lies in its own repository."""
    document = tree.json(MARKETPLACE)
    found, problems = marketplace.parse(document, file=tree.file(MARKETPLACE)) if document is not None else (None, ())
    tree.add(MARKETPLACE, problems)
    identity = Identity(found.head.name, found.head.version) if found else Identity(None)
    plugins = []
    for entry in found.entries if found else ():
        if isinstance(entry.source, PathSource):
            plugins += _own_plugin(tree, entry, document, strict=strict)
    return [_item(tree, shown, "marketplace", identity, strict=strict), *plugins]


def _own_plugin(tree: Tree, entry: Entry, document: Any, *, strict: bool) -> list[ValidatedItem]:
    assert isinstance(entry.source, PathSource)
    at = next(at for at, item in enumerate(document["plugins"]) if isinstance(item, dict) and item.get("name") == entry.name)
    base = (document.get("metadata") or {}).get("pluginRoot")
    candidates = [entry.source.path, *([str(Path(base) / entry.source.path)] if isinstance(base, str) else [])]
    path = next((path for path in candidates if tree.is_dir(path)), None)
    if path is None:
        text = f"there is no directory {entry.source.path} in this repository"
        where, file = json_path(("plugins", at, "source")), tree.file(MARKETPLACE)
        tree.add(MARKETPLACE, [Problem(file, where, "plugin.path_missing", "error", text, "mend the path, or add the plugin")])
        return []
    plugin = Tree(tree.root / path, tree.file(path))
    plugin.survey()
    identity = judge_claude_plugin(plugin)
    if not entry.strict and plugin.exists(CLAUDE_MANIFEST):
        _not_both(tree, plugin, at)
    known = Identity(entry.name, identity.version or entry.version)
    return [_item(plugin, plugin.shown, "claude-plugin", known, strict=strict)]


def _not_both(tree: Tree, plugin: Tree, at: int) -> None:
    manifest = Tree(plugin.root, plugin.shown).json(CLAUDE_MANIFEST)
    if isinstance(manifest, dict) and any(key in manifest for key in _COMPONENTS):
        where, file = json_path(("plugins", at, "strict")), tree.file(MARKETPLACE)
        text = "the entry is the whole definition, and plugin.json declares components too"
        tree.add(MARKETPLACE, [Problem(file, where, "marketplace.strict", "error", text, "declare them in one place")])
