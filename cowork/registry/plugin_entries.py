"""Entries of directories that hold components as files: Claude Code plugins, Agent Plugins, skill folders, `.claude`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cowork.core.errors import InvalidInput
from cowork.core.files import read_json
from cowork.registry.component_files import Reader
from cowork.registry.entries import Body, Entry, Head, SkillHead, empty_body
from cowork.registry.stamps import stamp

_PARTS = ("commands", "agents", "skills")
_NO_PATHS: Mapping[str, list[str]] = {}


def build(directory: Path, *, single: bool) -> Entry:
    """The entry of a directory by what it holds; kind `none` when it holds nothing of the sort. Raises `plugin.invalid`."""
    reader = Reader(directory)
    claude = directory / ".claude-plugin" / "plugin.json"
    portable = directory / "plugin.json"
    if single:
        return _entry(directory, "directory", {}, reader, _components(directory, reader, plugin=False))
    if reader.has_file(claude):
        document, paths = _claude_manifest(claude)
        return _entry(directory, "claude-plugin", document, reader, _components(directory, reader, plugin=True, paths=paths))
    if reader.has_file(portable):
        return _portable(directory, portable, reader)
    if any((directory / part).is_dir() for part in _PARTS) or (directory / "hooks" / "hooks.json").is_file():
        return _entry(directory, "claude-plugin", {}, reader, _components(directory, reader, plugin=True))
    if reader.has_file(directory / "SKILL.md"):
        body = empty_body()
        skill = reader.skill(directory)
        body["skills"] = [skill] if skill else []
        about = {"description": skill["description"]} if skill else {}
        return _entry(directory, "skill", about, reader, body)
    reader.stamps.append(stamp(str(directory)))
    return _entry(directory, "none", {}, reader, empty_body())


def _components(directory: Path, reader: Reader, *, plugin: bool, paths: Mapping[str, list[str]] = _NO_PATHS) -> Body:
    """What a directory holds. `paths` of a manifest stand in for the usual directories, those of skills beside theirs."""
    body = empty_body()
    places = {part: [directory / path for path in paths.get(part, [part])] for part in _PARTS}
    body["skills"] = reader.skills(directory / "skills")
    for place in paths.get("skills", []):
        body["skills"] += _skills_at(directory / place, reader)
    body["agents"] = [agent for place in places["agents"] for agent in reader.agents(place, plugin=plugin)]
    body["commands"] = [command for place in places["commands"] for command in reader.commands(place)]
    if plugin:
        alone = reader.skill(directory)  # a SKILL.md at the root makes a plugin of one skill
        body["skills"] += [alone] if alone else []
        body["hooks"] = reader.has_file(directory / "hooks" / "hooks.json")
        body["mcp_servers"] = _servers(directory / ".mcp.json", reader)
    return body


def _skills_at(place: Path, reader: Reader) -> list[SkillHead]:
    """The skills at a path of a manifest: one skill's directory, or a directory of several."""
    alone = reader.skill(place)
    return [alone] if alone else reader.skills(place)


def _portable(directory: Path, manifest: Path, reader: Reader) -> Entry:
    """An Agent Plugin (1.0.0); a plugin.json of another kind is none of ours."""
    from cowork.formats import agent_plugin

    document = read_json(manifest, what="plugin manifest")
    if not isinstance(document, Mapping) or document.get("$schema") != agent_plugin.SCHEMA:
        reader.stamps.append(stamp(str(directory)))
        return _entry(directory, "none", {}, reader, empty_body())
    plugin, problems = agent_plugin.parse(document, file=str(manifest))
    if plugin is None:
        raise _invalid(manifest, problems)
    body = empty_body()
    body["skills"] = reader.skills(directory / "skills")
    body["mcp_servers"] = _servers(directory / "mcp.json", reader)
    reader.warnings += [f"{problem.file}: {problem.message}" for problem in problems if problem.severity == "warning"]
    return _entry(directory, "agent-plugin", document, reader, body)


def _claude_manifest(path: Path) -> tuple[Mapping[str, Any], Mapping[str, list[str]]]:
    """The manifest, and the paths of components that it names; they were judged: relative, inside, no patterns."""
    from cowork.formats import claude_plugin

    document = read_json(path, what="plugin manifest")
    plugin, problems = claude_plugin.parse(document, file=str(path))
    if plugin is None:
        raise _invalid(path, problems)
    named = {"skills": plugin.skills or None, "agents": plugin.agents, "commands": plugin.commands}
    return document, {part: paths for part, paths in named.items() if paths is not None}


def _servers(path: Path, reader: Reader) -> list[str]:
    from cowork.formats import mcp_json

    if not reader.has_file(path):
        return []
    try:
        servers, problems = mcp_json.parse(read_json(path, what="MCP configuration"), file=str(path))
    except InvalidInput as error:
        reader.warnings.append(error.message)
        return []
    reader.warnings += [f"{problem.file}: {problem.message}" for problem in problems if problem.severity != "note"]
    return sorted(server.name for server in servers)


def _entry(directory: Path, kind: str, about: Mapping[str, Any], reader: Reader, body: Body) -> Entry:
    author = about.get("author")
    name = _text(about, "name") or directory.name
    body["author"] = str(author.get("name", "")) if isinstance(author, Mapping) else str(author or "")
    body["keywords"] = [word for word in about.get("keywords", ()) if isinstance(word, str)]
    head = Head(
        path=str(directory),
        kind=kind,
        stamps=reader.stamps,
        name=name,
        display_name=_text(about, "displayName") or name,
        version=_text(about, "version"),
        description=_text(about, "description"),
        category=_text(about, "category") or "Plugin",
        icon="🧩",
        persona_template_id=None,
        skills=len(body["skills"]),
        warnings=reader.warnings,
        problem=None,
    )
    return head, body


def _text(about: Mapping[str, Any], key: str) -> str:
    value = about.get(key)
    return value if isinstance(value, str) else ""


def _invalid(path: Path, problems: Any) -> InvalidInput:
    first = next(problem for problem in problems if problem.severity == "error")
    return InvalidInput(
        "plugin.invalid",
        f"{path}: {first.where}: {first.message}",
        hint=first.fix,
        details={"path": str(path), "problems": [problem.as_dict() for problem in problems]},
    )
