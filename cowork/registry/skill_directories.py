"""Skills of a cowork pack that live in directories of their own (`skillDirectories`)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cowork.core.errors import InvalidInput
from cowork.formats import skill_md
from cowork.formats.cowork_plugin import ManifestView
from cowork.registry.component_files import Reader
from cowork.registry.entries import SkillHead
from cowork.registry.stamps import Stamp


def directory_skills(view: ManifestView, stamps: list[Stamp]) -> tuple[list[SkillHead], list[str]]:
    """The skills, and a warning for each that is not there. The manifest's words win over the file's own."""
    reader = Reader(view.directory)
    found = []
    for entry in view.document["skillDirectories"]:
        skill = _skill(view, entry, reader)
        if skill is None:
            reader.warnings.append(f"{view.directory}: the skill directory '{entry['path']}' has no SKILL.md and is left out")
        else:
            found.append(skill)
    stamps += reader.stamps
    return found, reader.warnings


def directory_text(path: Path, pack: str) -> str:
    """What a model is given for a SKILL.md: where the skill lives, then its text. Raises `skill.unreadable`."""
    try:
        text = path.read_bytes().decode("utf-8", "replace")
    except OSError as error:
        raise InvalidInput(
            "skill.unreadable", f"cannot read the skill {path}", cause=error.strerror, hint="check the path and its permissions"
        ) from error
    skill, _ = skill_md.parse(text, file=str(path), directory=path.parent.name)
    return f"Pack directory: {pack}\nSkill directory: {path.parent}\nSkill file: {path}\n\n{skill.body.strip()}"


def _skill(view: ManifestView, entry: dict[str, Any], reader: Reader) -> SkillHead | None:
    skill = reader.skill(view.directory / entry["path"])
    if skill is None:
        return None
    title = entry["id"].rpartition(":")[2].replace("-", " ").replace("_", " ").title()
    return SkillHead(
        id=entry["id"],
        name=entry.get("name") or skill["name"] or title,
        description=entry.get("description") or skill["description"],
        icon=entry.get("icon") or skill["icon"],
        category=entry.get("category") or view.document.get("category") or skill["category"],
        enabled=entry.get("enabled", True),
        required=[],
        file=skill["file"],
        alias="",
        for_users=skill["for_users"],
        for_models=skill["for_models"],
        warnings=skill["warnings"],
    )
