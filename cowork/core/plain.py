"""Result objects as plain JSON values."""

from __future__ import annotations

import dataclasses
import enum
import functools
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

_PLAIN = frozenset({str, int, float, bool, type(None)})


def to_plain(value: Any) -> Any:
    """`value` as dicts, lists and scalars: dataclasses by field, times as RFC 3339, paths and enums as text."""
    kind: Any = type(value)
    if kind in _PLAIN:
        return value
    names = _field_names(kind)
    if names is not None:  # the bulk of a long list: scalars are taken as they are, without a call each
        fields = [(name, getattr(value, name)) for name in names]
        return {name: item if type(item) in _PLAIN else to_plain(item) for name, item in fields}
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_plain(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted(to_plain(item) for item in value)
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, (str, int, float)):
        return value
    from datetime import datetime  # rarely wanted, and half a millisecond

    if isinstance(value, datetime):
        from cowork.core.clock import rfc3339

        return rfc3339(value)
    raise TypeError(f"{type(value).__name__} has no plain form")


@functools.cache
def _field_names(kind: Any) -> tuple[str, ...] | None:
    return tuple(field.name for field in dataclasses.fields(kind)) if dataclasses.is_dataclass(kind) else None
