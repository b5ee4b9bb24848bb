"""Packs and components as files, written for one test."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def skill(skill_id: str, **more: Any) -> dict[str, Any]:
    """A skill of a manifest."""
    return {"id": skill_id, "name": skill_id.title(), "description": f"Does {skill_id}", "prompt": "Do it.", **more}


def pack(root: Path, name: str, *skills: dict[str, Any], directory: str | None = None, **more: Any) -> Path:
    """A pack directory below `root`; returns its manifest."""
    manifest = {
        "name": name,
        "displayName": name.title(),
        "version": "1.0.0",
        "description": f"The {name} pack",
        "type": "pack",
        "skills": list(skills),
        **more,
    }
    path = root / (directory or name) / "cowork.plugin.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(manifest), encoding="utf-8")
    return path


def write(path: Path, text: str) -> Path:
    """A file with its directories."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def skill_file(directory: Path, description: str = "A skill") -> Path:
    """A SKILL.md."""
    return write(directory / "SKILL.md", f"---\nname: {directory.name}\ndescription: {description}\n---\nDo it.\n")
