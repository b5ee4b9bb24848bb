"""The rules of `cowork.plugin.json` that reach beyond one field, and all its problems together."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from cowork.formats.cowork_plugin_schema import EXPLAIN, Manifest
from cowork.formats.problem import Problem, Severity, bounded, json_path, quoted
from cowork.formats.schema_problems import read_model

CONTENT = ("skills", "skillDirectories", "agentRoles", "connectors", "slashCommands")
# semver.org's own grammar, without the numbers' leading-zero rule: real packs write 2024.01.05
_SEMVER = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?")


def manifest_problems(document: Any, file: str) -> list[Problem]:
    """Everything wrong with a parsed manifest, errors first among too many."""
    model, found = read_model(Manifest, document, file=file, family="manifest", explain=EXPLAIN)
    if model is not None:
        more = (_content(document, file), _duplicates(model, file), _targets(model, file), _remarks(model, file))
        found = [*(problem for problems in more for problem in problems), *found]
    return bounded(found)


def _content(document: Any, file: str) -> Iterator[Problem]:
    # An empty list counts: that is how the format's own loader reads it, and packs in the wild rely on it.
    has_content = any(document.get(key) is not None for key in CONTENT)
    if not has_content and not document.get("main"):
        text = "the pack brings nothing: none of " + ", ".join(CONTENT)
        yield Problem(file, "$", "manifest.no_content", "error", text, 'add "skills": [...]')


def _duplicates(model: Manifest, file: str) -> Iterator[Problem]:
    skills = [(("skills", at, "id"), skill.id) for at, skill in enumerate(model.skills)]
    skills += [(("skillDirectories", at, "id"), item.id) for at, item in enumerate(model.skill_directories)]
    commands = [(("slashCommands", at, "name"), item.name.lower()) for at, item in enumerate(model.slash_commands)]
    roles = [(("agentRoles", at, "name"), item.name) for at, item in enumerate(model.agent_roles)]
    connectors = [(("connectors", at, "name"), item.name) for at, item in enumerate(model.connectors)]
    kinds = {"skill id": skills, "slash command": commands, "agent role": roles, "connector": connectors}
    for what, named in kinds.items():
        seen: set[str] = set()
        for place, name in named:
            if name in seen:
                text = f"{what} {quoted(name)} is declared twice"
                yield Problem(file, json_path(place), "manifest.duplicate", "error", text, "rename or remove one of them")
            seen.add(name)


def _targets(model: Manifest, file: str) -> Iterator[Problem]:
    known = {skill.id for skill in model.skills} | {item.id for item in model.skill_directories}
    for at, command in enumerate(model.slash_commands):
        if command.skill_id not in known:
            where = json_path(("slashCommands", at, "skillId"))
            text = f"skill {quoted(command.skill_id)} is not in this pack; another pack has to bring it"
            yield Problem(file, where, "manifest.skill_unknown", "note", text, "check the id")


def _remarks(model: Manifest, file: str) -> Iterator[Problem]:
    def remark(key: str, rule: str, severity: Severity, text: str, fix: str) -> Problem:
        return Problem(file, json_path((key,)), rule, severity, text, fix)

    if model.type != "pack":
        text = f"only packs are loaded, not manifests of type {model.type}"
        yield remark("type", "manifest.not_loaded", "warning", text, 'set "type": "pack" if it is one')
    if model.main is not None:
        text = "this entry point is kept but never run: packs are data"
        yield remark("main", "manifest.main_ignored", "warning", text, "bring skills or connectors instead")
    if not _SEMVER.fullmatch(model.version):
        text = f"{quoted(model.version)} is not a semantic version; updates cannot be compared"
        yield remark("version", "manifest.version", "warning", text, "write it as 1.2.3 or 1.2.3-beta.1")
