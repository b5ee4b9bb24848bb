"""Listing and finding twins."""

from __future__ import annotations

from cowork.core.errors import InvalidInput, NotFound
from cowork.core.text import did_you_mean
from cowork.twins.store import listing, roles
from cowork.twins.twin import Twin, TwinList


def list_twins() -> TwinList:
    """Every twin, sorted by name."""
    items = listing.items()
    return TwinList(items, len(items))


def find_twin(name: str) -> Twin:
    """The twin with this name (also as `@name`, or without its `twin-`), display name or id.

    Raises `twin.not_found` with a suggestion, `twin.ambiguous` for a display name of several.
    """
    name = name.removeprefix("@")
    everyone = roles.twins()
    for twin in everyone:
        if name in (twin.name, twin.id, twin.name.removeprefix("twin-")):
            return twin
    named = [twin for twin in everyone if twin.display_name.casefold() == name.casefold()]
    if len(named) == 1:
        return named[0]
    if named:
        hint = f"name it by one of: {', '.join(twin.name for twin in named)}"
        raise InvalidInput("twin.ambiguous", f"{len(named)} twins are called '{name}'", hint=hint, details={"twin": name})
    hint = did_you_mean(name, [twin.name for twin in everyone], "activate one with: cowork twin activate software-engineer")
    raise NotFound("twin.not_found", f"there is no twin '{name}'", hint=hint, details={"twin": name})
