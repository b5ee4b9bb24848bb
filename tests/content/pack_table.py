"""The bundled packs as the specification ("Bundled Plugin Packs") lists them; `specified_packs.json` holds the rows.

The terms of a skill are the items its line in the specification promises: each must occur in its prompt.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple


class SkillRow(NamedTuple):
    """A skill, and what its line in the specification promises: each term occurs in the prompt, whatever its case."""

    id: str
    name: str
    terms: tuple[str, ...]


class PackRow(NamedTuple):
    """A pack. `persona` is the template that its digital twin is made from; `role` the agent role's display name."""

    name: str
    display_name: str
    icon: str
    category: str
    persona: str | None
    role: str
    connectors: tuple[str, ...]
    skills: tuple[SkillRow, ...]
    try_asking: tuple[str, ...]


def _row(item: dict[str, Any]) -> PackRow:
    skills = tuple(SkillRow(skill["id"], skill["name"], tuple(skill["terms"])) for skill in item["skills"])
    lists = {"connectors": tuple(item["connectors"]), "try_asking": tuple(item["try_asking"])}
    return PackRow(**{**item, **lists, "skills": skills})


PACKS = tuple(_row(item) for item in json.loads((Path(__file__).parent / "specified_packs.json").read_text(encoding="utf-8")))
