"""`--fields`: choosing parts of a result, checked against its type before the verb runs."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping, Sequence
from typing import Any

from cowork.core.errors import UsageError
from cowork.core.text import did_you_mean


def check(result: type, fields: Sequence[str]) -> None:
    """Raise `usage.unknown_field` for a path that results of this type cannot have, with the valid names."""
    for path in fields:
        node: Any = result
        if _lists_items(result) and path.split(".")[0] not in _names(result):
            node = typing.get_type_hints(result)["items"]
        for part in path.split("."):
            node = _step(node, part, path)


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


def _step(node: Any, part: str, path: str) -> Any:
    node = _inner(node)
    if node is Any or typing.get_origin(node) in (dict, Mapping):
        return Any
    names = _names(node)
    if part not in names:
        listed = f"valid fields: {', '.join(names)}" if names else f"'{path}' goes deeper than the data"
        raise UsageError(
            "usage.unknown_field",
            f"unknown field '{path}'",
            cause=listed,
            hint=did_you_mean(part, names, listed),
            details={"field": path, "valid": names},
        )
    return typing.get_type_hints(node)[part]


def _inner(node: Any) -> Any:
    """The type inside Optional, tuple and list."""
    origin = typing.get_origin(node)
    if origin in (tuple, list):
        return _inner(typing.get_args(node)[0])
    if origin in (types.UnionType, typing.Union):
        real = [argument for argument in typing.get_args(node) if argument is not type(None)]
        return _inner(real[0]) if len(real) == 1 else node
    return node


def _names(node: Any) -> list[str]:
    return [field.name for field in dataclasses.fields(node)] if dataclasses.is_dataclass(node) else []


def _lists_items(result: type) -> bool:
    return "items" in _names(result)
