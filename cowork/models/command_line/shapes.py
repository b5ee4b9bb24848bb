"""Reading records that may hold anything: what is not of the wanted kind counts as missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cowork.models.chat import Usage
from cowork.models.sdk import is_count, reported

_MOST_USD = 1e9


def string(record: Mapping[str, Any], *keys: str) -> str:
    """The first of these members that is a text, empty when none is. Halves of surrogate pairs are replaced."""
    for key in keys:
        value = record.get(key)
        if isinstance(value, str) and value:
            return whole(value)
    return ""


def mapping(record: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """An object."""
    value = record.get(key)
    return value if isinstance(value, dict) else {}


def objects(record: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """The objects of a list."""
    value = record.get(key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def count(record: Mapping[str, Any], key: str) -> int:
    """A number of tokens; 0 when it is none."""
    value = record.get(key)
    return value if is_count(value) else 0


def money(record: Mapping[str, Any], key: str) -> float | None:
    """An amount of USD. None when it is none, and when it is 0: that is said, too, where no price is known."""
    value = record.get(key)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if 0 < value < _MOST_USD else None


def usage(record: Mapping[str, Any], *, beside: tuple[str, ...] = (), cached: str = "") -> Usage:
    """The tokens in `input_tokens` and `output_tokens`, unknown when they are no numbers.

    `beside` are members counted beside the input; `cached` is what was read from a cache, and is a part of the input.
    """
    read, written = record.get("input_tokens"), record.get("output_tokens")
    if not (is_count(read) and is_count(written)):
        return Usage()
    read += sum(count(record, key) for key in beside)
    return reported(read, written, count(record, cached))


def whole(text: str) -> str:
    """`text` with what no file or terminal takes, halves of surrogate pairs, replaced."""
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
