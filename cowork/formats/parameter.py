"""A skill's parameter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ParameterType = Literal["string", "number", "boolean", "select"]


@dataclass(frozen=True)
class Parameter:
    """A value a skill's prompt asks for. `type`: string, number, boolean or select; `options` belongs to select."""

    name: str
    type: ParameterType
    description: str
    required: bool = False
    default: str | float | bool | None = None
    options: tuple[str, ...] = ()
