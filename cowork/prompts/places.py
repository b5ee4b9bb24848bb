"""`{baseDir}`, `{artifactDir}` and `{workspaceArtifactDir}` in the prompts of skills: where a skill is, and where it may write.

The original application's names. What a skill writes goes to `.cowork/artifacts/<skill>/` of the project, so that it is found
again under one name and stays out of what people keep.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cowork.core.paths import project_dir
from cowork.registry.entries import SkillHead

ARTIFACTS = (".cowork", "artifacts")


def of_skill(skill: SkillHead) -> Mapping[str, str]:
    """The places of a skill by name, as absolute paths. Nothing is created."""
    artifacts = project_dir().joinpath(*ARTIFACTS)
    return {
        "baseDir": str(Path(skill["file"]).parent),
        "artifactDir": str(artifacts / _directory(skill["id"])),
        "workspaceArtifactDir": str(artifacts),
    }


def _directory(skill_id: str) -> str:
    """An id as one name of a directory; ids of directory skills may hold a colon, those of files anything."""
    name = "".join(letter if letter.isalnum() or letter in "._-" else "-" for letter in skill_id)
    return name.strip(".") or "skill"
