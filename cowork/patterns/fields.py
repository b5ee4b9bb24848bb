"""The fields of a reply's JSON object, whatever it really holds. Each function raises ContractError saying what is wrong."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from cowork.patterns.answers import ContractError, text_in
from cowork.patterns.values import choice_of, flag_of, known_of, list_of, objects_of, shown

MOST_CHARACTERS = 4_000


def one_of(found: Mapping[str, Any], key: str, allowed: Collection[str]) -> str:
    """One of a few words, however it is spelled."""
    return choice_of(found.get(key), f'"{key}"', allowed)


def flag_in(found: Mapping[str, Any], key: str) -> bool:
    """True or false."""
    return flag_of(found.get(key), f'"{key}"')


def whole_in(found: Mapping[str, Any], key: str, most: int) -> int:
    """A whole number from 0 to `most`."""
    value = found.get(key)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise ContractError(f'"{key}" must be a whole number from 0 to {most}, not {shown(value)}')
    return value


def bounded(found: Mapping[str, Any], key: str, *, empty: bool = False) -> str:
    """A text of reasonable length."""
    text = text_in(dict(found), key, empty=empty).strip()
    if len(text) > MOST_CHARACTERS:
        raise ContractError(f'"{key}" has {len(text)} characters; {MOST_CHARACTERS} are the most')
    return text


def objects_in(found: Mapping[str, Any], key: str, most: int) -> list[Mapping[str, Any]]:
    """A list of at most so many objects; absent or null is empty."""
    return objects_of(found.get(key), f'"{key}"', most=most)


def labels_in(found: Mapping[str, Any], key: str, known: Collection[str]) -> tuple[str, ...]:
    """A list of known labels, each at most once; absent or null is empty."""
    what = f'"{key}"'
    labels = [known_of(item, what, known) for item in list_of(found.get(key), what, most=len(known))]
    distinct(labels, what)
    return tuple(labels)


def distinct(items: Iterable[str], where: str) -> None:
    """Nothing may be there twice."""
    seen: set[str] = set()
    for item in items:
        if item in seen:
            raise ContractError(f"{where} holds {shown(item)} twice")
        seen.add(item)
