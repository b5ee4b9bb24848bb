"""Sections of `config.yaml`: mappings of names to mappings, which the rooms that they belong to read and judge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from cowork.core.errors import InvalidInput


class Section(NamedTuple):
    """A part of `config.yaml` that maps names to mappings. `project_safe` says whether a project's file may have it."""

    name: str
    help: str
    project_safe: bool


SECTIONS = {
    section.name: section
    for section in (
        # An agent is a program that runs with the user's rights.
        Section("agents", "Agents for loops, by name: a command of your own, or one that is known, with other flags.", False),
        Section("presets", "Seats for loops, by the name of the preset.", True),
        # A project must not choose who receives the user's material.
        Section("providers", "Model providers, added or changed, by id.", False),
    )
}


class Entry(NamedTuple):
    """One named mapping of a section, as a file has it; `origin` is user or project, and `source` names the file."""

    value: Mapping[str, Any]
    origin: str
    source: str


def entries(section: Section, raw: Any, origin: str, source: str) -> dict[str, Entry]:
    """What a file has in a section. Raises `config.invalid` for what is not a mapping of names to mappings."""
    for key, value in ((section.name, raw), *_named(section.name, raw)):
        if value is not None and not isinstance(value, dict):
            raise InvalidInput(
                "config.invalid",
                f"{source}: {key} must be a mapping",
                cause=f"it is a {type(value).__name__}",
                hint=f"{section.name} maps names to what belongs to them",
                details={"key": key, "source": source},
            )
    return {str(name): Entry(value or {}, origin, source) for name, value in (raw or {}).items()}


def _named(prefix: str, raw: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(raw, dict):
        yield from ((f"{prefix}.{name}", value) for name, value in raw.items())
