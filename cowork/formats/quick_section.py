"""What `section` and pydantic decide about the shape of a document, decided by tables where pydantic would take too long.

The checks are never laxer than pydantic's and now and then stricter: a value they refuse is not wrong, only not certain.
Values are those of JSON, so exact types are asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Union

Check = Callable[[Any], bool]
Shape = Union[Check, "QuickSection", list["QuickSection"]]
Place = tuple[str | int, ...]

_SURROGATE = re.compile("[\ud800-\udfff]")  # JSON can hold one alone; UTF-8, and therefore pydantic, cannot
_EXACT = 2**53  # a larger whole number may not be one as a float


class QuickSection:
    """The fields of a section, those of one shape in a row: a check, a section, or a list of sections `[SECTION]`.

    `name!` has to be there, `name?` may be null. `rule` reaches across the fields, once each has its shape.
    """

    __slots__ = ("fields", "needed", "nullable", "rule")

    def __init__(self, *rows: tuple[str, Shape], rule: Check | None = None) -> None:
        marked = [(name, shape) for names, shape in rows for name in names.split()]
        self.fields = {name.rstrip("!?"): shape for name, shape in marked}
        self.needed = frozenset(name[:-1] for name, _ in marked if name[-1] == "!")
        self.nullable = frozenset(name[:-1] for name, _ in marked if name[-1] == "?")
        self.rule = rule

    def unknown_in(self, value: Any) -> list[Place] | None:
        """Where a value has unknown keys, in the order of `section.unknown_paths`; None when it may be no such section."""
        found: list[Place] = []
        return found if self._keeps(value, (), found) else None

    def _keeps(self, value: Any, place: Place, unknown: list[Place]) -> bool:
        if type(value) is not dict or not self.needed <= value.keys():
            return False
        others = [key for key in value if key not in self.fields]
        unknown += [(*place, key) for key in others]
        for key, shape in self.fields.items():
            if key not in value or (value[key] is None and key in self.nullable):
                continue
            if not _fits(shape, value[key], (*place, key), unknown):
                return False
        return all(map(string, others)) and (self.rule is None or self.rule(value))

    def _all_keep(self, values: Any, place: Place, unknown: list[Place]) -> bool:
        return type(values) is list and all(self._keeps(item, (*place, at), unknown) for at, item in enumerate(values))


def _fits(shape: Shape, value: Any, place: Place, unknown: list[Place]) -> bool:
    if isinstance(shape, QuickSection):
        return shape._keeps(value, place, unknown)
    if isinstance(shape, list):
        return shape[0]._all_keep(value, place, unknown)
    return shape(value)


def anything(_: Any) -> bool:
    """Any value."""
    return True


def nothing(_: Any) -> bool:
    """No value: where the field is there, pydantic is asked."""
    return False


def boolean(value: Any) -> bool:
    """True or false."""
    return type(value) is bool


def string(value: Any) -> bool:
    """A text that can be written down."""
    return type(value) is str and (value.isascii() or not _SURROGATE.search(value))


def text(value: Any) -> bool:
    """A text that is not empty."""
    return string(value) and value != ""


def number(value: Any) -> bool:
    """A number that a float holds exactly; not NaN, not infinity."""
    return type(value) in (int, float) and -_EXACT < value < _EXACT


def positive(value: Any) -> bool:
    """A number above 0."""
    return number(value) and value > 0


def record(value: Any) -> bool:
    """An object of anything."""
    return type(value) is dict and all(map(string, value))


def strings_by_name(value: Any) -> bool:
    """An object of texts."""
    return record(value) and all(map(string, value.values()))


def list_of(check: Check) -> Check:
    """A list whose items all pass."""
    return lambda value: type(value) is list and all(map(check, value))


def one_of(words: str) -> Check:
    """One of these words."""
    known = words.split()
    return lambda value: type(value) is str and value in known


def like(pattern: str, *, at_most: int = _EXACT) -> Check:
    """A text that the pattern matches as a whole, of so many characters."""
    matches = re.compile(pattern).fullmatch
    return lambda value: type(value) is str and len(value) <= at_most and matches(value) is not None
