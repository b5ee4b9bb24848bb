"""Options that set something for a name: TASK=VALUE."""

from __future__ import annotations

from collections.abc import Iterable

from cowork.core.errors import UsageError


def texts(option: str, given: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Each NAME=VALUE as a pair. Raises `usage.invalid`, which does not repeat the value: it may be a secret."""
    found = []
    for word in given:
        name, equals, value = word.partition("=")
        if not (name.strip() and equals and value.strip()):
            raise UsageError("usage.invalid", f"{option} wants TASK=VALUE", hint=f"for example {option} pr-triage=...")
        found.append((name.strip(), value.strip()))
    return tuple(found)


def numbers(option: str, given: Iterable[str], *, example: int) -> tuple[tuple[str, int], ...]:
    """Each NAME=NUMBER as a pair. Raises `usage.invalid` with an example."""
    found = []
    for name, value in texts(option, given):
        if not (value.isascii() and value.isdecimal() and len(value) <= 9):
            raise UsageError(
                "usage.invalid",
                f"{option} wants a whole number from 0 after '{name}='",
                hint=f"for example {option} {name}={example}",
            )
        found.append((name, int(value)))
    return tuple(found)
