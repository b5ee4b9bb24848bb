"""What a new pack holds: a manifest, an example skill with its command and agent role, and a README with the next steps."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cowork.core.paths import data_dir
from cowork.formats.cowork_plugin import FILE_NAME

VERSION = "1.0.0"
_COLOR = "#6366f1"
_PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")


@dataclass(frozen=True)
class Wanted:
    """What somebody wants of a new pack. All texts are judged already."""

    name: str
    display_name: str
    description: str
    category: str
    icon: str
    author: str
    persona: str | None
    examples: bool


def files_of(wanted: Wanted) -> dict[str, bytes]:
    """The new pack's files by path, sorted."""
    document = json.dumps(manifest(wanted), indent=2, ensure_ascii=False) + "\n"
    return {"README.md": _readme(wanted).encode(), FILE_NAME: document.encode()}


def manifest(wanted: Wanted) -> dict[str, Any]:
    """The new pack's manifest."""
    persona = {"personaTemplateId": wanted.persona} if wanted.persona else {}
    parts = _examples(wanted) if wanted.examples else {"tryAsking": _questions(wanted), "skills": []}
    return {
        "name": wanted.name,
        "displayName": wanted.display_name,
        "version": VERSION,
        "description": wanted.description,
        "type": "pack",
        "author": wanted.author,
        "keywords": [wanted.name],
        "icon": wanted.icon,
        "category": wanted.category,
        **persona,
        **parts,
    }


def _examples(wanted: Wanted) -> dict[str, Any]:
    skill_id = f"{wanted.name}-analyze"
    about = "Turn notes, files or data into findings with evidence, recommendations and next steps"
    skill = {
        "id": skill_id,
        "name": f"{wanted.display_name}: Analyze",
        "description": about,
        "icon": "🔍",
        "category": wanted.category,
        "prompt": _text("skill.md"),
        "parameters": [
            {
                "name": "input",
                "type": "string",
                "description": "What to analyze: notes, data, a document, or where to read it",
                "required": True,
            },
            {
                "name": "context",
                "type": "string",
                "description": "What it is for: the goal, who reads the answer, what is fixed",
                "required": False,
                "default": "not specified",
            },
        ],
        "enabled": True,
    }
    role = {
        "name": f"{wanted.name}-assistant",
        "displayName": f"{wanted.display_name} Assistant",
        "description": f"Reads your material, says what matters in it, and prepares what you ask for: {wanted.display_name}",
        "icon": "🤖",
        "color": _COLOR,
        "capabilities": ["analyze", "write", "research"],
        "systemPrompt": _filled("role.md", {"display_name": wanted.display_name}),
    }
    command = {"name": skill_id, "description": about, "skillId": skill_id}
    return {"tryAsking": _questions(wanted), "skills": [skill], "agentRoles": [role], "slashCommands": [command]}


def _questions(wanted: Wanted) -> list[str]:
    return [
        f"What do you need from me to help with {wanted.display_name}?",
        "Analyze these notes and tell me what matters most and what to do first",
    ]


def _readme(wanted: Wanted) -> str:
    try_it = "cowork pack show " + wanted.name
    if wanted.examples:
        try_it = f"cowork skill run {wanted.name}-analyze --param-file input=README.md --provider rehearsal"
    values = {"display_name": wanted.display_name, "description": wanted.description, "try_it": try_it, "version": VERSION}
    return _filled("readme.md", values) + "\n"


def _filled(name: str, values: Mapping[str, str]) -> str:
    """A template with its placeholders filled in one pass; what is no placeholder of ours stays."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), _text(name))


def _text(name: str) -> str:
    return (data_dir("templates") / "scaffold" / name).read_text("utf-8").strip()
