"""Values out of a reply's object: each may be anything, so each is checked, bounded, and named when it is wrong."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, TypeVar

from cowork.patterns.answers import ContractError, encodable, text_in

LONGEST = 4_000
Word = TypeVar("Word", bound=str)


def shown(value: object) -> str:
    """`value` as a complaint quotes it."""
    return cut(repr(value), 60)


def cut(text: str, most: int = LONGEST) -> str:
    """`text` within its bound; what is cut off shows."""
    return text if len(text) <= most else text[: most - 1] + "…"


def text_of(value: object, what: str, *, most: int = LONGEST, empty: bool = False) -> str:
    """`value` as a text without space around it. Raises ContractError that calls it `what`."""
    if value is None and empty:
        return ""
    if not isinstance(value, str) or not (empty or value.strip()):
        raise ContractError(f"{what} must be a text{'' if empty else ' that is not empty'}")
    return cut(encodable(value.strip()), most)


def line_of(value: object, what: str, *, most: int = 200, empty: bool = False) -> str:
    """`value` as a text on one line. Raises ContractError."""
    return " ".join(text_of(value, what, most=most, empty=empty).split())


def list_of(value: object, what: str, *, most: int, least: int = 0) -> list[Any]:
    """`value` as a list of a bounded length; nothing is an empty one. Raises ContractError."""
    items = [] if value is None else value
    if not isinstance(items, list):
        raise ContractError(f"{what} must be a list, not {shown(items)}")
    if len(items) > most:
        raise ContractError(f"{what} holds {len(items)} items; {most} are the most")
    if len(items) < least:
        raise ContractError(f"{what} holds {len(items)} items; {least} are the fewest")
    return items


def objects_of(value: object, what: str, *, most: int, least: int = 0) -> list[Mapping[str, Any]]:
    """`value` as a list of objects. Raises ContractError."""
    found = list_of(value, what, most=most, least=least)
    for number, item in enumerate(found, 1):
        if not isinstance(item, dict):
            raise ContractError(f"{what} must hold objects; number {number} is {shown(item)}")
    return found


def texts_of(value: object, what: str, *, most: int, least: int = 0) -> tuple[str, ...]:
    """`value` as a list of texts, each on one line. Raises ContractError."""
    found = list_of(value, what, most=most, least=least)
    return tuple(line_of(item, f"{what}, number {number},", most=500) for number, item in enumerate(found, 1))


def choice_of(value: object, what: str, choices: Collection[Word]) -> Word:
    """`value` as one of the words on offer, in whatever case. Raises ContractError."""
    word = value.strip().casefold() if isinstance(value, str) else ""
    for choice in choices:
        if choice == word:
            return choice
    quoted = " or ".join(f'"{choice}"' for choice in choices)
    raise ContractError(f"{what} must be {quoted}, not {shown(value)}")


def known_of(value: object, what: str, known: Collection[str]) -> str:
    """`value` as one of the names that were shown. Raises ContractError."""
    name = value.strip() if isinstance(value, str) else ""
    if name not in known:
        raise ContractError(f"{what} names {shown(value)}; there is {', '.join(known) or 'none'}")
    return name


def flag_of(value: object, what: str) -> bool:
    """`value` as true or false. Raises ContractError."""
    if not isinstance(value, bool):
        raise ContractError(f"{what} must be true or false, not {shown(value)}")
    return value


def whole_of(value: object, what: str, most: int) -> int:
    """`value` as a whole number from 0 to `most`. Raises ContractError."""
    number = int(value) if isinstance(value, float) and value.is_integer() else value
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= most:
        raise ContractError(f"{what} must be a whole number from 0 to {most}, not {shown(number)}")
    return number


def uncut(found: Mapping[str, Any], key: str, *, empty: bool = False) -> str:
    """A text, or a number as text, that is refused where `text_of` would cut it: what is quoted has to stay whole."""
    text = text_in(found, key, empty=empty).strip()
    if len(text) > LONGEST:
        raise ContractError(f'"{key}" has {len(text)} characters; {LONGEST} are the most')
    return text


def distinct(items: Iterable[str], where: str) -> None:
    """Nothing may be there twice. Raises ContractError."""
    seen: set[str] = set()
    for item in items:
        if item in seen:
            raise ContractError(f"{where} holds {shown(item)} twice")
        seen.add(item)
