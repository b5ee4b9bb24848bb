"""Judging what lies in a directory, format by format. Each function reads through a Tree, which collects the problems."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from cowork.formats import agent_md, agent_plugin, claude_plugin, command_md, hooks_json, mcp_json, skill_md
from cowork.formats.cowork_plugin import FILE_NAME, problems
from cowork.formats.problem import Problem, json_path
from cowork.registry.bounded_tree import Tree

CLAUDE_MANIFEST = ".claude-plugin/plugin.json"
AGENT_MANIFEST = "plugin.json"


@dataclass(frozen=True)
class Identity:
    """What a pack or plugin calls itself, where that can be read."""

    name: str | None
    version: str | None = None


def judge_pack(tree: Tree) -> Identity:
    """A directory with a `cowork.plugin.json`, and the skill directories that it names."""
    document = tree.json(FILE_NAME)
    if document is None:
        return Identity(None)
    file = tree.file(FILE_NAME)
    found = problems(document, Path(file))
    listed = document.get("skillDirectories") if isinstance(document, dict) else None
    escaping = {problem.where for problem in found if problem.severity == "error"}
    for at, item in enumerate(listed if isinstance(listed, list) else []):
        where = json_path(("skillDirectories", at, "path"))
        path = item.get("path") if isinstance(item, dict) else None
        if isinstance(path, str) and where not in escaping:
            found += _skill_directory(tree, path, file, where)
    tree.add(FILE_NAME, found)
    return _identity(document)


def _skill_directory(tree: Tree, path: str, file: str, where: str) -> list[Problem]:
    skill = str(PurePosixPath(path) / "SKILL.md")
    if not tree.inside(skill):
        text = "the path leads out of the pack through a symlink"
        return [Problem(file, where, "plugin.path_escapes", "error", text, "copy the skill into the pack")]
    if not tree.exists(skill):
        return [Problem(file, where, "plugin.path_missing", "error", f"there is no {skill}", "add it, or mend the path")]
    judge_skill(tree, skill)
    return []


def judge_skill(tree: Tree, relative: str, *, strict: bool = False) -> Identity:
    """One SKILL.md."""
    text = tree.text(relative)
    directory = PurePosixPath(relative).parent.name or tree.root.resolve().name
    if text is None:
        return Identity(directory)
    skill, found = skill_md.parse(text, file=tree.file(relative), directory=directory, strict=strict)
    tree.add(relative, found)
    version = skill.extra.get("version", skill.metadata.get("version"))
    return Identity(skill.name, str(version) if version is not None else None)


def judge_agent_plugin(tree: Tree, *, strict: bool = False) -> Identity:
    """A directory with an Agent Plugins manifest. Skills lie one level deep, and nowhere else."""
    plugin, document = None, tree.json(AGENT_MANIFEST)
    if document is not None:
        plugin, found = agent_plugin.parse(document, file=tree.file(AGENT_MANIFEST))
        tree.add(AGENT_MANIFEST, found)
    for skill in _skills_in(tree, "skills"):
        judge_skill(tree, skill, strict=strict)
    if tree.exists("mcp.json") and (servers := tree.json("mcp.json")) is not None:
        tree.add("mcp.json", mcp_json.parse(servers, file=tree.file("mcp.json"), wrapped=True)[1])
    return Identity(plugin.name, plugin.version) if plugin else _identity(document)


@dataclass(frozen=True)
class _Declared:
    """A plugin's manifest, read and as it stands in the file."""

    tree: Tree
    plugin: claude_plugin.ClaudePlugin | None
    document: Any

    def named(self, kind: str) -> list[Any] | None:
        """The paths and objects that the manifest names; a path has to lead somewhere. None when it names none."""
        found: list[Any] | None = getattr(self.plugin, kind) if self.plugin else None
        if found is None:
            return None
        for at, item in enumerate(found):
            if isinstance(item, str) and not self.tree.exists(item):
                key = "mcpServers" if kind == "mcp_servers" else kind
                place = (key, at) if isinstance(self.document[key], list) else (key,)
                text, fix = f"there is no {item}", "mend the path"
                file = self.tree.file(CLAUDE_MANIFEST)
                missing = Problem(file, json_path(place), "plugin.path_missing", "error", text, fix)
                self.tree.add(CLAUDE_MANIFEST, [missing])
        return [item for item in found if not isinstance(item, str) or self.tree.exists(item)]

    def paths(self, kind: str, default: str) -> list[Any]:
        """What the manifest names, else the default path where it exists."""
        found = self.named(kind)
        if found is not None:
            return found
        return [default] if self.tree.exists(default) else []


def judge_claude_plugin(tree: Tree) -> Identity:
    """A Claude Code plugin, with or without a manifest: commands, agents, skills, hooks and MCP servers."""
    plugin, document = None, None
    if tree.exists(CLAUDE_MANIFEST) and (document := tree.json(CLAUDE_MANIFEST)) is not None:
        plugin, found = claude_plugin.parse(document, file=tree.file(CLAUDE_MANIFEST))
        tree.add(CLAUDE_MANIFEST, found)
    declared = _Declared(tree, plugin, document)
    for path in declared.paths("commands", "commands"):
        for relative in _files(tree, path):
            _command(tree, path, relative)
    for path in declared.paths("agents", "agents"):
        for relative in _files(tree, path):
            _agent(tree, relative)
    skills = {skill for path in ["skills", *(declared.named("skills") or [])] for skill in _skills_in(tree, path)}
    for relative in sorted(skills):
        judge_skill(tree, relative)
    _hooks(declared)
    _servers(declared)
    if document is None:
        return Identity(tree.root.resolve().name)
    return Identity(plugin.name, plugin.version) if plugin else _identity(document)


def _files(tree: Tree, path: str) -> list[str]:
    return tree.markdown(path) if tree.is_dir(path) else [path] if tree.exists(path) else []


def _skills_in(tree: Tree, path: str) -> list[str]:
    """SKILL.md files: the directory's own, or those one level below it."""
    own = str(PurePosixPath(path) / "SKILL.md")
    if tree.exists(own):
        return [own]
    below = (str(PurePosixPath(path) / name / "SKILL.md") for name in tree.names(path))
    return [skill for skill in below if tree.exists(skill)]


def _command(tree: Tree, base: str, relative: str) -> None:
    text = tree.text(relative)
    if text is not None:
        path = PurePosixPath(relative)
        inner = path.relative_to(base) if path != PurePosixPath(base) else PurePosixPath(path.name)
        name = ":".join(inner.with_suffix("").parts)
        tree.add(relative, command_md.parse(text, file=tree.file(relative), name=name)[1])


def _agent(tree: Tree, relative: str) -> None:
    text = tree.text(relative)
    if text is not None:
        stem = PurePosixPath(relative).stem
        tree.add(relative, agent_md.parse(text, file=tree.file(relative), stem=stem, origin="plugin")[1])


def _hooks(declared: _Declared) -> None:
    tree = declared.tree
    for item in declared.paths("hooks", "hooks/hooks.json"):
        if isinstance(item, dict):
            file = tree.file(CLAUDE_MANIFEST)
            wrapped = "hooks" in item
            found = hooks_json.problems(item if wrapped else {"hooks": item}, file=file, prefix=("hooks",) if wrapped else ())
            tree.add(CLAUDE_MANIFEST, found)
        elif (document := tree.json(item)) is not None:
            tree.add(item, hooks_json.problems(document, file=tree.file(item)))


def _servers(declared: _Declared) -> None:
    tree = declared.tree
    for item in declared.paths("mcp_servers", ".mcp.json"):
        if isinstance(item, dict):
            file = tree.file(CLAUDE_MANIFEST)
            tree.add(CLAUDE_MANIFEST, mcp_json.parse(item, file=file, prefix=("mcpServers",))[1])
        elif (document := tree.json(item)) is not None:
            tree.add(item, mcp_json.parse(document, file=tree.file(item))[1])


def _identity(document: Any) -> Identity:
    name, version = (document.get(key) if isinstance(document, dict) else None for key in ("name", "version"))
    return Identity(name if isinstance(name, str) else None, version if isinstance(version, str) else None)
