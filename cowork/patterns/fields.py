"""The fields of a reply's JSON object, whatever it really holds. Each function raises ContractError saying what is wrong."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from cowork.patterns.answers import ContractError, text_in

MOST_CHARACTERS = 4_000


def one_of(found: Mapping[str, Any], key: str, allowed: Collection[str]) -> str:
    """One of a few words, however it is spelled."""
    value = found.get(key)
    word = value.strip().casefold() if isinstance(value, str) else None
    if word is None or word not in allowed:
        raise ContractError(f'"{key}" must be {" or ".join(_quoted(allowed))}, not {_shown(value)}')
    return word


def flag_in(found: Mapping[str, Any], key: str) -> bool:
    """True or false."""
    value = found.get(key)
    if not isinstance(value, bool):
        raise ContractError(f'"{key}" must be true or false, not {_shown(value)}')
    return value


def whole_in(found: Mapping[str, Any], key: str, most: int) -> int:
    """A whole number from 0 to `most`."""
    value = found.get(key)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise ContractError(f'"{key}" must be a whole number from 0 to {most}, not {_shown(value)}')
    return value


def bounded(found: Mapping[str, Any], key: str, *, empty: bool = False) -> str:
    """A text of reasonable length."""
    text = text_in(dict(found), key, empty=empty).strip()
    if len(text) > MOST_CHARACTERS:
        raise ContractError(f'"{key}" has {len(text)} characters; {MOST_CHARACTERS} are the most')
    return text


def objects_in(found: Mapping[str, Any], key: str, most: int) -> list[Mapping[str, Any]]:
    """A list of at most so many objects; absent or null is empty."""
    items = _list_in(found, key, most)
    for number, item in enumerate(items, 1):
        if not isinstance(item, dict):
            raise ContractError(f'"{key}" must hold objects; number {number} is {_shown(item)}')
    return items


def labels_in(found: Mapping[str, Any], key: str, known: Collection[str]) -> tuple[str, ...]:
    """A list of known labels, each at most once; absent or null is empty."""
    labels = []
    for item in _list_in(found, key, len(known)):
        if not isinstance(item, str) or item.strip() not in known:
            raise ContractError(f'"{key}" names {_shown(item)}; there is {", ".join(known)}')
        labels.append(item.strip())
    distinct(labels, f'"{key}"')
    return tuple(labels)


def distinct(items: Iterable[str], where: str) -> None:
    """Nothing may be there twice."""
    seen: set[str] = set()
    for item in items:
        if item in seen:
            raise ContractError(f"{where} holds {_shown(item)} twice")
        seen.add(item)


def _list_in(found: Mapping[str, Any], key: str, most: int) -> list[Any]:
    items = found.get(key)
    if items is None:
        return []
    if not isinstance(items, list):
        raise ContractError(f'"{key}" must be a list, not {_shown(items)}')
    if len(items) > most:
        raise ContractError(f'"{key}" holds {len(items)} items; {most} are the most')
    return items


def _quoted(words: Iterable[str]) -> list[str]:
    return [f'"{word}"' for word in words]


def _shown(value: object) -> str:
    return repr(value)[:60]
