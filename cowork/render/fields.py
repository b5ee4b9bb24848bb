"""`--fields`: choosing parts of a result, checked against its type before the verb runs."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping, Sequence
from typing import Any

from cowork.core.errors import UsageError
from cowork.core.text import did_you_mean


def check(result: Any, fields: Sequence[str]) -> None:
    """Raise `usage.unknown_field` for a path that results of this type cannot have, with the valid names."""
    for path in fields:
        nodes = members(result)
        if "items" in _names(nodes) and path.split(".")[0] not in _names(nodes):
            nodes = _below(nodes, "items")
        for part in path.split("."):
            nodes = _step(nodes, part, path)


def members(result: Any) -> list[Any]:
    """The types that a result may have: one, or those of a union; what is optional or in a list counts as itself."""
    origin, inner = typing.get_origin(result), typing.get_args(result)
    if origin in (tuple, list):
        return members(inner[0])
    if origin in (types.UnionType, typing.Union):
        return [found for option in inner if option is not type(None) for found in members(option)]
    return [result]


def pick(data: Any, fields: Sequence[str]) -> Any:
    """Only the chosen parts of `data`. In a list result, the fields of its items may be named without `items.`."""
    chosen: dict[str, Any] = {}
    for path in fields:
        parts = path.split(".")
        if isinstance(data, Mapping) and parts[0] not in data and "items" in data:
            parts = ["items", *parts]
        _merge(chosen, _narrow(data, parts))
    return chosen


def _narrow(value: Any, parts: list[str]) -> Any:
    if not parts:
        return value
    if isinstance(value, list):
        return [_narrow(item, parts) for item in value]
    if isinstance(value, Mapping):
        return {parts[0]: _narrow(value.get(parts[0]), parts[1:])}
    return None


def _merge(into: dict[str, Any], more: Mapping[str, Any]) -> None:
    for key, value in more.items():
        held = into.get(key)
        if isinstance(held, dict) and isinstance(value, dict):
            _merge(held, value)
        elif isinstance(held, list) and isinstance(value, list) and len(held) == len(value):
            for position, item in enumerate(value):
                if isinstance(held[position], dict) and isinstance(item, dict):
                    _merge(held[position], item)
        else:
            into[key] = value


def _step(nodes: list[Any], part: str, path: str) -> list[Any]:
    if any(node is Any or typing.get_origin(node) in (dict, Mapping) for node in nodes):
        return [Any]
    names = _names(nodes)
    if part not in names:
        listed = f"valid fields: {', '.join(names)}" if names else f"'{path}' goes deeper than the data"
        raise UsageError(
            "usage.unknown_field",
            f"unknown field '{path}'",
            cause=listed,
            hint=did_you_mean(part, names, listed),
            details={"field": path, "valid": names},
        )
    return _below(nodes, part)


def _below(nodes: list[Any], part: str) -> list[Any]:
    """The types of a field, in those that have it."""
    return [found for node in nodes if part in _names([node]) for found in members(typing.get_type_hints(node)[part])]


def _names(nodes: list[Any]) -> list[str]:
    """The fields that any of them has."""
    return list(
        dict.fromkeys(field.name for node in nodes if dataclasses.is_dataclass(node) for field in dataclasses.fields(node))
    )
