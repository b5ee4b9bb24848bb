"""Two packs that share words, and a catalogue entry."""

from __future__ import annotations

from typing import Any

from tests.formats.samples import manifest


def skill(skill_id: str, **changes: Any) -> dict[str, Any]:
    return {"id": skill_id, "name": skill_id.replace("-", " ").title(), "description": "Does it", "prompt": "Do it", **changes}


def pack(name: str, *skills: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A pack with little in it, to be found by what a test puts in."""
    least = {"displayName": name.title(), "description": "A pack", "keywords": [], "category": "Custom", "slashCommands": []}
    return manifest(**{**least, "name": name, "skills": list(skills), **changes})


def entry(pack_id: str = "one", **changes: Any) -> dict[str, Any]:
    least = {"id": pack_id, "name": pack_id, "displayName": pack_id.title(), "description": "An entry"}
    return {**least, "version": "1.0.0", "author": "Somebody", **changes}
