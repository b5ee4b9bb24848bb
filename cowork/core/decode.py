"""Result objects back from their plain JSON form."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")


def from_plain(kind: type[T], value: Any) -> T:
    """The dataclass `kind` whose plain form `value` is, by its type hints; fields it does not know are left out.

    Raises TypeError, KeyError or ValueError when `value` is not one: it is for what cowork itself has written.
    """
    found: T = _decoded(kind, value)
    return found


def _decoded(kind: Any, value: Any) -> Any:
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        hints = _hints(kind)
        return kind(**{name: _decoded(hint, value[name]) for name, hint in hints.items() if name in value})
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (types.UnionType, typing.Union):
        options = [option for option in inner if option is not type(None)]
        return None if value is None else _decoded(options[0], value)
    if origin is tuple:
        return tuple(_decoded(inner[0], item) for item in value)
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        return {key: _decoded(inner[1], item) for key, item in value.items()}
    return value


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)
