"""`{{name}}` substitution in one pass: a value is never expanded again."""

from __future__ import annotations

import re
from collections.abc import Mapping

from cowork.prompts.parameters import ParameterValue

_PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")


def fill(template: str, values: Mapping[str, ParameterValue]) -> tuple[str, tuple[str, ...]]:
    """The filled template and the names of placeholders nobody declared, which stay as they are."""
    unknown: dict[str, None] = {}

    def replace(match: re.Match[str]) -> str:
        name = match.group(1)
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
