"""`{{name}}` and places such as `{artifactDir}`, substituted in one pass: a value is never expanded again."""

from __future__ import annotations

import re
from collections.abc import Mapping

from cowork.prompts.parameters import ParameterValue

_PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}|\{(baseDir|artifactDir|workspaceArtifactDir)\}")
_NOWHERE: Mapping[str, str] = {}


def fill(
    template: str, values: Mapping[str, ParameterValue], places: Mapping[str, str] = _NOWHERE
) -> tuple[str, tuple[str, ...]]:
    """The filled template and the names of placeholders nobody declared, which stay as they are; so do places not given."""
    unknown: dict[str, None] = {}

    def replace(match: re.Match[str]) -> str:
        name, place = match.groups()
        if place is not None:
            return places.get(place, match.group())
        if name not in values:
            unknown[name] = None
            return match.group()
        return as_text(values[name])

    return _PLACEHOLDER.sub(replace, template), tuple(unknown)


def as_text(value: ParameterValue) -> str:
    """A parameter's value as a prompt shows it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
