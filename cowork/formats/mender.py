"""Fields of a JSON document made usable: what can be mended is mended and told, what cannot is refused by its place."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from cowork.core.errors import InvalidInput
from cowork.core.outcome import Notice
from cowork.formats.problem import quoted

MOST_NOTICES = 20
"""How many defects of one file are told one by one."""

Fields = dict[str, Any]


class Mender:
    """Sets fields of a document in place, so that each is there and has its type; `family` begins the codes it tells.

    A field that is absent gets its default silently, one that cannot be used gets it with a notice.
    """

    def __init__(self, path: Path, family: str) -> None:
        self._path, self._family = path, family
        self._notices: list[Notice] = []
        self._unlisted = 0

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What was mended, and how much more where it was a lot."""
        if not self._unlisted:
            return tuple(self._notices)
        text = f"{self._path}: {self._unlisted} more fields are mended and not listed"
        return (*self._notices, Notice(f"{self._family}.field", text))

    def refusal(self, place: str, rule: str) -> InvalidInput:
        """The error for a field that nothing can stand in for."""
        return InvalidInput(
            f"{self._family}.invalid",
            f"{self._path}: {place}: {rule}",
            cause="a twin cannot be made without it",
            hint="mend that field",
            details={"path": str(self._path), "field": place},
        )

    def tell(self, place: str, text: str) -> None:
        """Note what was mended at a place."""
        if len(self._notices) < MOST_NOTICES:
            self._notices.append(Notice(f"{self._family}.field", f"{self._path}: {place}: {text}"))
        else:
            self._unlisted += 1

    def need(self, fields: Fields, key: str, at: str = "") -> str:
        """A text that has to be there and say something."""
        value = fields.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.refusal(
                at + key, "is missing" if value is None else f"{quoted(value)} is not a text that says something"
            )
        return value

    def text(self, fields: Fields, key: str, default: str = "", at: str = "") -> str:
        """A text; a number counts as what it looks like."""
        value = fields.get(key, default)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            value = str(value)
        elif not isinstance(value, str):
            self.tell(at + key, f"{quoted(value)} is not a text, {quoted(default)} stands in for it")
            value = default
        fields[key] = value
        return value

    def word(self, fields: Fields, key: str, known: Collection[str], at: str = "") -> None:
        """A word that is kept and told when it is not one of those known."""
        if fields[key] not in known:
            self.tell(at + key, f"{quoted(fields[key])} is not known; there are: {', '.join(known)}")

    def whole(
        self, fields: Fields, key: str, default: int, bounds: tuple[int, int], at: str = "", *, expected: bool = False
    ) -> None:
        """A whole number: rounded, and kept within its bounds. One that is `expected` is told when it is absent, too."""
        value = fields.get(key)
        number = _rounded(value)
        if number is None:
            if expected or key in fields:
                what = f"{quoted(value)} is not a number" if key in fields else "is missing"
                self.tell(at + key, f"{what}, {default} stands in for it")
            number = default
        elif not bounds[0] <= number <= bounds[1]:
            number = min(max(number, bounds[0]), bounds[1])
            self.tell(at + key, f"{quoted(value)} is not from {bounds[0]} to {bounds[1]}, {number} stands in for it")
        fields[key] = number

    def flag(self, fields: Fields, key: str, default: bool, at: str = "") -> None:
        """A truth."""
        value = fields.get(key, default)
        if not isinstance(value, bool):
            self.tell(at + key, f"{quoted(value)} is not true or false, {str(default).lower()} stands in for it")
            value = default
        fields[key] = value

    def texts(self, fields: Fields, key: str, at: str = "", known: Collection[str] = ()) -> list[str]:
        """A list of texts; what is no text is left out. Those that are not `known`, if any are, are kept and told."""
        kept = []
        for number, item in self._items(fields, key, at):
            place = f"{at}{key}.{number}"
            if not isinstance(item, str):
                self.tell(place, f"{quoted(item)} is not a text and is left out")
                continue
            if known and item not in known:
                self.tell(place, f"{quoted(item)} is not known")
            kept.append(item)
        fields[key] = kept
        return kept

    def section(self, fields: Fields, key: str) -> Fields:
        """An object; an empty one when it is absent."""
        value = fields.get(key)
        if not isinstance(value, dict):
            if value is not None:
                self.tell(key, f"{quoted(value)} is not an object and is left out")
            value = fields[key] = {}
        return value

    def sections(self, fields: Fields, key: str, at: str = "") -> list[tuple[str, Fields]]:
        """The objects of a list with their places; what is no object is left out."""
        found = []
        for number, item in self._items(fields, key, at):
            place = f"{at}{key}.{number}"
            if isinstance(item, dict):
                found.append((place, item))
            else:
                self.tell(place, f"{quoted(item)} is not an object and is left out")
        return found

    def _items(self, fields: Fields, key: str, at: str) -> list[tuple[int, Any]]:
        value = fields.get(key)
        if value is not None and not isinstance(value, list):
            self.tell(at + key, f"{quoted(value)} is not a list and is left out")
        return list(enumerate(value)) if isinstance(value, list) else []


def storable(value: Any) -> Any:
    """A copy of a JSON value whose texts can be stored: halves of characters, which are no UTF-8, and NUL become U+FFFD."""
    if isinstance(value, str):
        return value if value.isascii() and "\0" not in value else re.sub("[\ud800-\udfff\0]", "\ufffd", value)
    if isinstance(value, Mapping):
        return {storable(key): storable(item) for key, item in value.items()}
    return [storable(item) for item in value] if isinstance(value, list) else value


def _rounded(value: object) -> int | None:
    """A finite number, halves rounded up; None for anything else."""
    if isinstance(value, float):
        return math.floor(value + 0.5) if math.isfinite(value) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None
