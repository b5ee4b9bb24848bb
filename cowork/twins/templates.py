"""Persona templates on disk."""

from __future__ import annotations

from pathlib import Path

from cowork.core.errors import NotFound
from cowork.core.files import read_json
from cowork.core.paths import data_dir
from cowork.core.text import did_you_mean
from cowork.formats import persona
from cowork.formats.persona import PersonaTemplate


def template_ids() -> list[str]:
    """The ids of the bundled templates, sorted."""
    return sorted(path.stem for path in data_dir("personas").glob("*.json"))


def find_template(template_id: str) -> PersonaTemplate:
    """The template with this id. Raises `persona.not_found` with a suggestion, or `persona.invalid`."""
    known = template_ids()
    if template_id not in known:
        hint = did_you_mean(template_id, known, f"there are: {', '.join(known)}")
        raise NotFound("persona.not_found", f"there is no persona '{template_id}'", hint=hint, details={"persona": template_id})
    path: Path = data_dir("personas") / f"{template_id}.json"
    return persona.parse(read_json(path, what="persona template"), path=path)
